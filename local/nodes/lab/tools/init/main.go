// init is what a lab node has in place of systemd: as pid 1 it starts the enabled services out of their unit files, keeps them running,
// reaps orphans and writes a journal; as systemctl, journalctl, reboot and poweroff (links to it) it is the command of that name.
// What it does not know of systemd is an error, never ignored in silence.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	name, arguments := filepath.Base(os.Args[0]), os.Args[1:]
	switch name {
	case "init":
		if os.Getpid() != 1 {
			fmt.Fprintln(os.Stderr, "init runs as pid 1 of a lab node only.")
			os.Exit(1)
		}
		boot()
	case "systemctl":
		os.Exit(ask(arguments))
	case "reboot", "poweroff":
		os.Exit(ask([]string{name}))
	case "journalctl":
		os.Exit(journalctl(arguments))
	default:
		fmt.Fprintf(os.Stderr, "init: called as %q: expected init, systemctl, journalctl, reboot or poweroff\n", name)
		os.Exit(1)
	}
}
