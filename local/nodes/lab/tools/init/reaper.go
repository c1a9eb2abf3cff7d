package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// reaper waits for every child of pid 1: the services' processes, whose end it tells, and orphans that were handed to pid 1.
type reaper struct {
	mutex   sync.Mutex
	waiting map[int]chan syscall.WaitStatus
}

func newReaper() *reaper {
	r := &reaper{waiting: map[int]chan syscall.WaitStatus{}}
	children := make(chan os.Signal, 64)
	signal.Notify(children, syscall.SIGCHLD)
	go func() {
		for range children {
			r.reap()
		}
	}()
	return r
}

func (r *reaper) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if pid <= 0 || err != nil {
			return
		}
		r.mutex.Lock() // held while a process starts: so it is registered before its end is looked up
		if told, ok := r.waiting[pid]; ok {
			told <- status
			delete(r.waiting, pid)
		}
		r.mutex.Unlock()
	}
}

// start starts a process in a session of its own; the channel gets its status once, when it ended.
func (r *reaper) start(arguments, environment []string, output *os.File) (int, <-chan syscall.WaitStatus, error) {
	path := arguments[0]
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, nil, err
	}
	defer null.Close()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	process, err := os.StartProcess(path, arguments, &os.ProcAttr{
		Dir: "/", Env: environment, Files: []*os.File{null, output, output}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return 0, nil, err
	}
	ended, pid := make(chan syscall.WaitStatus, 1), process.Pid // Release forgets the pid
	r.waiting[pid] = ended
	return pid, ended, process.Release()
}
