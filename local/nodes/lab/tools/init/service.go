package main

import (
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"
)

// service is one unit under supervision. States and sub-states have systemd's names.
type service struct {
	manager *manager
	unit    *unit

	mutex      sync.Mutex
	state, sub string // active running, activating start, activating auto-restart, deactivating stop-sigterm, inactive dead, failed failed
	since      time.Time
	pid        int
	restarts   int
	result     string
	stopping   chan struct{} // closed to stop the present run
	done       chan struct{} // closed when it has ended for good
}

func (s *service) set(state, sub string, pid int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.state != state {
		s.since = time.Now()
	}
	s.state, s.sub, s.pid = state, sub, pid
}

func (s *service) log(format string, values ...any) {
	s.manager.journal.write(s.unit.name, "systemd", 1, fmt.Sprintf(format, values...))
}

// start returns when the service is ready (Type=notify) or its process runs (others); an error when it did not come to that.
func (s *service) start() error {
	s.mutex.Lock()
	if s.state == "active" || s.sub == "start" {
		s.mutex.Unlock()
		return nil
	}
	s.mutex.Unlock()
	s.stop() // ends the wait for an automatic restart
	s.mutex.Lock()
	stopping, done := make(chan struct{}), make(chan struct{})
	s.stopping, s.done, s.restarts, s.result = stopping, done, 0, "success"
	s.mutex.Unlock()
	ready := make(chan error, 1)
	go s.supervise(stopping, done, ready)
	return <-ready
}

// stop returns when every process that belongs to the service has ended.
func (s *service) stop() {
	s.mutex.Lock()
	stopping, done := s.stopping, s.done
	if stopping == nil {
		s.mutex.Unlock()
		return
	}
	s.stopping = nil
	s.mutex.Unlock()
	close(stopping)
	<-done
}

func (s *service) supervise(stopping <-chan struct{}, done chan<- struct{}, ready chan<- error) {
	defer close(done)
	first := true
	for {
		stopped, err := s.runOnce(stopping, func(err error) {
			if first {
				first = false
				ready <- err
			}
		})
		if stopped {
			s.set("inactive", "dead", 0)
			s.log("Stopped %s.service - %s.", s.unit.name, s.unit.last("Unit.Description", s.unit.name))
			return
		}
		restart := s.unit.last("Service.Restart", "no")
		if restart != "always" && !(err != nil && strings.HasPrefix(restart, "on-")) {
			if err != nil {
				s.set("failed", "failed", 0)
			} else {
				s.set("inactive", "dead", 0)
			}
			s.mutex.Lock()
			s.stopping = nil
			s.mutex.Unlock()
			return
		}
		s.set("activating", "auto-restart", 0)
		select {
		case <-stopping:
			s.set("inactive", "dead", 0)
			return
		case <-time.After(s.unit.seconds("Service.RestartSec", 100*time.Millisecond)):
		}
		s.mutex.Lock()
		s.restarts++
		s.mutex.Unlock()
		s.log("%s.service: Scheduled restart job, restart counter is at %d.", s.unit.name, s.restarts)
	}
}

// runOnce runs the service until it ends (error: not well) or is stopped. told is called once, as soon as it is ready or cannot become so.
func (s *service) runOnce(stopping <-chan struct{}, told func(error)) (stopped bool, err error) {
	defer func() { // whoever waits for the start hears of its failure
		if err != nil {
			s.mutex.Lock()
			s.result = "exit-code"
			s.mutex.Unlock()
			s.log("%s.service: Failed with result 'exit-code': %v", s.unit.name, err)
		}
		told(err)
	}()
	s.set("activating", "start", 0)
	environment, err := s.unit.environment()
	if err != nil {
		return false, err
	}
	for _, command := range s.unit.settings["Service.ExecStartPre"] {
		if err := s.runPreparation(command, environment); err != nil {
			return false, err
		}
	}
	notified, environment, closeSocket, err := s.notifySocket(environment)
	if err != nil {
		return false, err
	}
	defer closeSocket()

	words := expand(s.unit.last("Service.ExecStart", ""), environment)
	output, err := s.manager.journal.pipe(s.unit.name, words[0])
	if err != nil {
		return false, err
	}
	pid, ended, err := s.manager.reaper.start(words, environment, output.file)
	output.close()
	if err != nil {
		return false, err
	}
	output.setPid(pid)
	s.set("activating", "start", pid)
	if notified == nil {
		s.becomeActive(pid, told)
	}
	late := time.After(s.unit.seconds("Service.TimeoutStartSec", 90*time.Second))
	for {
		select {
		case <-notified:
			notified = nil
			s.becomeActive(pid, told)
		case <-late:
			if notified != nil {
				s.kill(pid, ended)
				return false, fmt.Errorf("it did not say that it is ready within its start time limit")
			}
		case status := <-ended:
			s.killGroup(syscall.SIGKILL, pid)
			if status.Exited() && status.ExitStatus() == 0 {
				return false, nil
			}
			return false, fmt.Errorf("main process exited, %s", describe(status))
		case <-stopping:
			s.set("deactivating", "stop-sigterm", pid)
			s.kill(pid, ended)
			return true, nil
		}
	}
}

func (s *service) becomeActive(pid int, told func(error)) {
	s.set("active", "running", pid)
	s.log("Started %s.service - %s.", s.unit.name, s.unit.last("Unit.Description", s.unit.name))
	told(nil)
}

func (s *service) runPreparation(command string, environment []string) error {
	tolerated := strings.HasPrefix(command, "-")
	words := expand(strings.TrimPrefix(command, "-"), environment)
	output, err := s.manager.journal.pipe(s.unit.name, words[0])
	if err != nil {
		return err
	}
	_, ended, err := s.manager.reaper.start(words, environment, output.file)
	output.close()
	if err == nil {
		if status := <-ended; status.ExitStatus() != 0 {
			err = fmt.Errorf("%s: %s", words[0], describe(status))
		}
	}
	if tolerated {
		return nil
	}
	return err
}
