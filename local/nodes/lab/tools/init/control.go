package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
)

const controlSocket = runFolder + "/control.sock"

// answer is what a systemctl call prints and its exit code.
type answer struct {
	Stdout, Stderr string
	Code           int
}

func (a *answer) print(format string, values ...any) { a.Stdout += fmt.Sprintf(format+"\n", values...) }
func (a *answer) refuse(code int, format string, values ...any) {
	a.Stderr += fmt.Sprintf(format+"\n", values...)
	a.Code = code
}

// listen answers systemctl's calls: one JSON list of arguments in, one JSON answer out.
func (m *manager) listen() error {
	_ = os.Remove(controlSocket)
	listener, err := net.Listen("unix", controlSocket)
	if err != nil {
		return err
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				var arguments []string
				if json.NewDecoder(connection).Decode(&arguments) == nil {
					_ = json.NewEncoder(connection).Encode(m.systemctl(arguments))
				}
			}()
		}
	}()
	return nil
}

// ask is systemctl as a command: pid 1 does the work.
func ask(arguments []string) int {
	connection, err := net.Dial("unix", controlSocket)
	if err != nil && isAboutLinks(arguments) { // in a chroot, as when packages are installed into an image
		return (&manager{services: map[string]*service{}}).systemctl(arguments).show()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Failed to connect to bus: No such file or directory")
		return 1
	}
	defer connection.Close()
	var got answer
	if json.NewEncoder(connection).Encode(arguments) != nil || json.NewDecoder(connection).Decode(&got) != nil {
		fmt.Fprintln(os.Stderr, "Failed to get an answer from pid 1")
		return 1
	}
	return got.show()
}

func (a *answer) show() int {
	fmt.Print(a.Stdout)
	fmt.Fprint(os.Stderr, a.Stderr)
	return a.Code
}

// isAboutLinks: what these verbs do needs no service manager, as with systemd.
func isAboutLinks(arguments []string) bool {
	if slices.Contains(arguments, "--now") {
		return false
	}
	return slices.ContainsFunc([]string{"enable", "disable", "preset", "mask", "unmask", "is-enabled"}, func(verb string) bool {
		return slices.Contains(arguments, verb)
	})
}
