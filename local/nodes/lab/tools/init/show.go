package main

import (
	"fmt"
	"time"
)

// show prints properties as `systemctl show` does: those asked for, in the order asked for, or all that a lab node knows.
func (s *service) show(a *answer, properties []string, valueOnly bool) {
	now := s.snapshot()
	loaded, enabled := "loaded", s.unit.enabled()
	if s.unit.file == "" {
		loaded, enabled = "not-found", ""
	}
	entered, monotonic := "", int64(0)
	if now.state == "active" {
		entered, monotonic = now.since.UTC().Format("Mon 2006-01-02 15:04:05 MST"), sinceBoot(now.since).Microseconds()
	}
	values := map[string]string{
		"Id": s.unit.name + ".service", "LoadState": loaded, "UnitFileState": enabled, "FragmentPath": s.unit.file,
		"ActiveState": now.state, "SubState": now.sub, "Result": now.result,
		"MainPID": fmt.Sprint(now.pid), "NRestarts": fmt.Sprint(now.restarts),
		"ActiveEnterTimestamp": entered, "ActiveEnterTimestampMonotonic": fmt.Sprint(monotonic),
		"ExecMainStartTimestamp": entered, "ExecMainStartTimestampMonotonic": fmt.Sprint(monotonic),
	}
	if len(properties) == 0 {
		properties = []string{"Id", "LoadState", "UnitFileState", "FragmentPath", "ActiveState", "SubState", "Result", "MainPID", "NRestarts", "ActiveEnterTimestamp"}
	}
	for _, property := range properties {
		value, known := values[property]
		switch {
		case !known:
			a.refuse(1, "systemctl of a lab node does not know the property %s.", property)
		case valueOnly:
			a.print("%s", value)
		default:
			a.print("%s=%s", property, value)
		}
	}
}

// sinceBoot gives a time as the machine's monotonic clock had it.
func sinceBoot(at time.Time) time.Duration {
	return monotonicNow() - time.Since(at)
}
