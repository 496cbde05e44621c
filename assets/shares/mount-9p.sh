# SPDX-License-Identifier: MIT
# Mounts the 9P that is spoken on stdin and stdout, and stays. The second part, after mount-target.sh: $1 tells this attempt
# from others.
name=$name.$1
# Nothing is remembered of a file but what is mapped into memory. All are the folder's one user to the server; who in here
# may do what, the kernel judges by owner and mode. 64 KiB a message is what diod takes at most.
options="trans=fd,rfdno=0,wfdno=1,version=9p2000.L,msize=65536,cache=mmap,access=any,aname=/share,nosuid,nodev"
[ "$access" = rw ] || options=$options,ro

# The SSH server's process of this connection. Who attaches anew while this one's link is cut ends it: without its pipes the
# kernel gives up what waits for an answer.
session=$$
while [ "$session" -gt 1 ] && ! grep -qE '^Name:\s*(sshd|dropbear)' "/proc/$session/status"; do
  session=$(sed -n 's/^PPid:\s*//p' "/proc/$session/status")
done
[ "$session" -le 1 ] || echo "$session $(cut -d ' ' -f 22 "/proc/$session/stat")" > "$run/$id.session"

mount -t 9p -o "$options" "$name" "$real"
stat "$real" > /dev/null
say mounted
# The kernel has the streams now, but the SSH server would close them behind this process. hold-9p.sh holds the lock.
exec flock "$run/$id.$1" true < /dev/null > /dev/null
