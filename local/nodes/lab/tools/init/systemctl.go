package main

import (
	"os"
	"strings"
)

// systemctl answers one call. Options that only change how it looks are accepted; unknown verbs and options are errors.
func (m *manager) systemctl(arguments []string) *answer {
	var words, properties []string
	now, quiet, valueOnly := false, false, false
	for i := 0; i < len(arguments); i++ {
		switch argument := arguments[i]; {
		case argument == "--now":
			now = true
		case argument == "-q" || argument == "--quiet":
			quiet = true
		case argument == "--value":
			valueOnly = true
		case (argument == "-p" || argument == "--property") && i+1 < len(arguments):
			i++
			properties = append(properties, strings.Split(arguments[i], ",")...)
		case strings.HasPrefix(argument, "--property="):
			properties = append(properties, strings.Split(argument[len("--property="):], ",")...)
		case argument == "--no-pager" || argument == "--system" || argument == "-l" || argument == "--full" || argument == "--no-legend" || argument == "--no-reload" || argument == "-f" || argument == "--force":
		case strings.HasPrefix(argument, "-"):
			a := &answer{}
			a.refuse(1, "systemctl of a lab node does not know the option %s.", argument)
			return a
		default:
			words = append(words, argument)
		}
	}
	a := &answer{}
	if len(words) == 0 {
		a.refuse(1, "systemctl of a lab node needs a verb.")
		return a
	}
	verb, names := words[0], words[1:]
	switch verb {
	case "daemon-reload":
		if err := m.reload(); err != nil {
			a.refuse(1, "Failed to reload daemon: %v", err)
		}
		return a
	case "daemon-reexec":
		return a
	case "reboot", "poweroff":
		m.shutDown <- map[string]int{"reboot": exitReboot, "poweroff": exitPowerOff}[verb]
		return a
	case "is-system-running":
		a.print("running")
		return a
	case "reset-failed":
		if len(names) == 0 {
			return a
		}
	}
	if len(names) == 0 {
		a.refuse(1, "Too few arguments.")
		return a
	}
	for _, name := range names {
		m.onUnit(a, verb, strings.TrimSuffix(name, ".service"), properties, valueOnly)
		if now && a.Code == 0 && (verb == "enable" || verb == "disable") {
			m.onUnit(a, map[string]string{"enable": "start", "disable": "stop"}[verb], strings.TrimSuffix(name, ".service"), nil, false)
		}
	}
	if quiet {
		a.Stdout = ""
	}
	return a
}

func (m *manager) onUnit(a *answer, verb, name string, properties []string, valueOnly bool) {
	found, err := m.find(name)
	if err != nil {
		a.refuse(1, "Failed to load unit %s.service: %v", name, err)
		return
	}
	if found == nil {
		m.onMissingUnit(a, verb, name, properties, valueOnly)
		return
	}
	switch verb {
	case "start", "restart", "try-restart", "reload-or-restart", "condrestart":
		if found.unit.masked {
			a.refuse(1, "Failed to %s %s.service: Unit %s.service is masked.", verb, name, name)
			return
		}
		if verb != "start" {
			if (verb == "try-restart" || verb == "condrestart") && found.snapshot().state == "inactive" {
				return
			}
			found.stop()
		}
		if err := found.start(); err != nil {
			a.refuse(1, "Job for %s.service failed because the control process exited with error code.\nSee \"systemctl status %s.service\" and \"journalctl -xeu %s.service\" for details.", name, name, name)
		}
	case "stop":
		found.stop()
	case "is-active":
		state := found.snapshot().state
		if a.print("%s", state); state != "active" {
			a.Code = 3
		}
	case "is-failed":
		state := found.snapshot().state
		if a.print("%s", state); state != "failed" {
			a.Code = 1
		}
	case "is-enabled":
		state := found.unit.enabled()
		if a.print("%s", state); state != "enabled" {
			a.Code = 1
		}
	case "enable", "disable", "preset", "mask", "unmask":
		if err := found.unit.change(verb); err != nil {
			a.refuse(1, "Failed to %s unit: %v", verb, err)
		} else if strings.HasSuffix(verb, "mask") {
			m.mutex.Lock()
			delete(m.services, name)
			m.mutex.Unlock()
		}
	case "reset-failed":
		if found.snapshot().state == "failed" {
			found.set("inactive", "dead", 0)
		}
	case "status":
		found.status(a)
	case "show":
		found.show(a, properties, valueOnly)
	case "cat":
		for _, file := range append([]string{found.unit.file}, found.unit.dropIns...) {
			content, _ := os.ReadFile(file)
			a.print("# %s\n%s", file, content)
		}
	default:
		a.refuse(1, "Unknown command verb '%s' (systemctl of a lab node).", verb)
	}
}

func (m *manager) onMissingUnit(a *answer, verb, name string, properties []string, valueOnly bool) {
	switch verb {
	case "is-active", "is-failed":
		a.print("inactive")
		a.Code = 3
	case "is-enabled":
		a.print("not-found")
		a.refuse(4, "")
		a.Stderr = ""
	case "status":
		a.refuse(4, "Unit %s.service could not be found.", name)
	case "show":
		(&service{unit: &unit{name: name, settings: map[string][]string{}}, state: "inactive", sub: "dead"}).show(a, properties, valueOnly)
	case "start", "restart", "stop":
		a.refuse(5, "Failed to %s %s.service: Unit %s.service not found.", verb, name, name)
	default:
		a.refuse(1, "Failed to %s unit: Unit file %s.service does not exist.", verb, name)
	}
}
