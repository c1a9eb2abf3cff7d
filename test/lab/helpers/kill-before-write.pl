# kill-before-write.pl FILE PID: SIGKILL to the process group of PID at the moment in which a process opens FILE to write it, before anything of
# the file changes. It holds a lease on the file (fcntl(2), F_SETLEASE): the kernel lets that open() wait and tells the holder. Prints "ready"
# when it holds it. Runs in a session of its own, and ends when the group has ended.
use strict;
use warnings;
use Fcntl qw(F_RDLCK);
use POSIX ();
use constant F_SETLEASE => 1024;    # linux/fcntl.h

my ($path, $script) = @ARGV;
my $group = getpgrp($script);
POSIX::close($_) for 3 .. 63;       # such as the script's lock, which is free when the script has ended
my $asked = 0;
$SIG{IO} = sub { $asked = 1; kill 'KILL', -$group };
open(my $file, '<', $path) or die "$path: $!\n";
fcntl($file, F_SETLEASE, F_RDLCK) or die "no lease on $path: $!\n";
$| = 1;
print "ready\n";

# The lease ends with this process: not before the one that waits in open() is gone.
select(undef, undef, undef, 0.02) while kill 0, $asked ? -$group : $script;
