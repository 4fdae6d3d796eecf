# right1 before left2: while left2's wait for left1 is on its way, there is
# other work to do
/run: left2, tasks/{
	h
	d
}
/run: right1, tasks/G
