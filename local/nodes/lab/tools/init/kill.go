package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// kill asks, waits, and then insists.
func (s *service) kill(pid int, ended <-chan syscall.WaitStatus) {
	if s.unit.last("Service.KillMode", "control-group") == "process" {
		_ = syscall.Kill(pid, syscall.SIGTERM)
	} else {
		s.killGroup(syscall.SIGTERM, pid)
	}
	select {
	case <-ended:
	case <-time.After(s.unit.seconds("Service.TimeoutStopSec", 90*time.Second)):
		_ = syscall.Kill(pid, syscall.SIGKILL)
		<-ended
	}
	s.killGroup(syscall.SIGKILL, pid)
}

// killGroup reaches the processes of the service's session, unless its KillMode leaves them alone (containerd's shims).
func (s *service) killGroup(signal syscall.Signal, pid int) {
	if s.unit.last("Service.KillMode", "control-group") != "process" {
		_ = syscall.Kill(-pid, signal)
	}
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return fmt.Sprintf("code=killed, status=%d/%s", status.Signal(), strings.ToUpper(status.Signal().String()))
	}
	return fmt.Sprintf("code=exited, status=%d", status.ExitStatus())
}

func processName(pid int) string {
	name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return strings.TrimSpace(string(name))
}
