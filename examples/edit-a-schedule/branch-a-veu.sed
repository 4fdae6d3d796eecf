# the left branch on vEU 0, the right one on vEU 1: inside a branch nobody has
# to wait, since a vEU runs its lines in order
/run: left1, tasks/s/veus: 0\.\.1/veus: 0..0/
/run: left2, tasks/s/veus: 0\.\.1, after: \[{run: left1}\]/veus: 0..0/
/run: right1, tasks/s/veus: 0\.\.1/veus: 1..1/
/run: both, tasks/s/veus: 0\.\.1, after: \[{run: right1}\]/veus: 1..1, after: [{run: left2}]/
