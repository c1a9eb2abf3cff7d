package main

import (
	"fmt"
	"path/filepath"
	"time"
)

// snapshot is what a service is at one moment.
type snapshot struct {
	state, sub, result string
	since              time.Time
	pid, restarts      int
}

func (s *service) snapshot() snapshot {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return snapshot{s.state, s.sub, s.result, s.since, s.pid, s.restarts}
}

func (s *service) status(a *answer) {
	now, u := s.snapshot(), s.unit
	mark := map[string]string{"active": "●", "failed": "×", "activating": "●"}[now.state]
	if mark == "" {
		mark = "○"
	}
	a.print("%s %s.service - %s", mark, u.name, u.last("Unit.Description", u.name))
	a.print("     Loaded: loaded (%s; %s; preset: enabled)", u.file, u.enabled())
	for i, file := range u.dropIns {
		if i == 0 {
			a.print("    Drop-In: %s", filepath.Dir(file))
		}
		a.print("             └─%s", filepath.Base(file))
	}
	since := ""
	if !now.since.IsZero() {
		since = fmt.Sprintf(" since %s; %s ago", now.since.UTC().Format("Mon 2006-01-02 15:04:05 MST"), time.Since(now.since).Round(time.Second))
	}
	a.print("     Active: %s (%s)%s", now.state, now.sub, since)
	if now.pid != 0 {
		a.print("   Main PID: %d (%s)", now.pid, processName(now.pid))
	}
	a.print("")
	for _, entry := range lastEntries([]string{u.name}, 10) {
		a.print("%s", entry.short())
	}
	if now.state != "active" {
		a.Code = 3
	}
}
