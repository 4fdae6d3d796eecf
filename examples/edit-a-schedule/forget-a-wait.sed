# left2 no longer waits for left1
/run: left2, tasks/s/, after: \[{run: left1}\]//
