# Parent of a cluster's server. Orders come in by a pipe; its end means that the process that
# started us has ended, however it did: then the server ends too, and the directory goes.
# $1 is the server's program, $2 the cluster's directory.
server=$1
directory=$2
pid=

# A fast shutdown, then one without a checkpoint, then the hard way. Signals are repeated, because
# a server that has just been started may not listen yet; `sleep` also lets the shell take note of
# children that have ended.
finish() {
    for signal in INT QUIT KILL; do
        left=600
        while [ "$left" -gt 0 ] && kill -s "$signal" "$pid" 2>/dev/null; do
            sleep 0.05
            left=$((left - 1))
        done
    done
    wait "$pid" 2>/dev/null
}

while read -r order words; do
    case $order in
    start)
        "$server" -D "$directory/data" </dev/null >>"$directory/log" 2>&1 &
        pid=$!
        echo "$pid"
        ;;
    signal)
        # $words are a signal's name and the processes.
        kill -s $words 2>/dev/null
        echo sent
        ;;
    look)
        sleep 0.02
        if kill -s 0 "$pid" 2>/dev/null; then echo running; else echo ended; fi
        ;;
    reap)
        wait "$pid" 2>/dev/null
        pid=
        echo ended
        ;;
    stop)
        finish
        pid=
        echo ended
        ;;
    esac
done

if [ -n "$pid" ]; then finish; fi
cd /
# Whoever was filling the directory for us may not have noticed yet.
left=100
until rm -rf "$directory/data" 2>/dev/null || [ "$left" -eq 0 ]; do
    sleep 0.05
    left=$((left - 1))
done
rm -rf "$directory"
