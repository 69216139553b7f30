# A worker that keeps a record of its own life.
#
#   sh worker.sh <ledger> <andon> exit|report
#
# Each line is one write to a file opened for appending, so the lines of many workers never mix:
#   begin|alive|end|clash <task> <run> <pid> <nanoseconds since 1970>

ledger=$1
andon=$2
ending=$3

tell() {
    echo "$1 $ANDON_TASK $ANDON_RUN_ID $$ $(date +%s%N)" >>"$ledger"
}

# The kernel keeps this lock as long as any process that descends from here lives. Whoever does not
# get it was started while another worker of its task, or something left by one, was alive.
exec 9>"$ledger.$ANDON_TASK"
flock --nonblock 9 || {
    tell clash
    exit 1
}

tell begin
# Somebody who left the session, and would stay for long.
setsid sleep 600 &
for _ in 1 2 3 4; do
    sleep 0.02
    tell alive
done
tell end

if [ "$ending" = report ]; then
    "$andon" complete "$ANDON_TASK" --result "reported by the worker"
fi
