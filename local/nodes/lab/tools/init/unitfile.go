package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Where unit files are looked for, the first one wins; drop-ins are taken from all of them.
var unitFolders = []string{"/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"}

// Settings of [Service] that are applied, and those that only tune the machine (limits, control groups), which are not. Any other is an
// error: what systemd does with it is not done here. [Unit] and [Install] only order, describe and enable.
const (
	appliedSettings = "Type ExecStart ExecStartPre Restart RestartSec Environment EnvironmentFile KillMode TimeoutStartSec TimeoutStopSec"
	ignoredSettings = "Delegate LimitNPROC LimitCORE LimitNOFILE TasksMax OOMScoreAdjust StartLimitInterval StartLimitIntervalSec StartLimitBurst"
)

// unit is a service's unit file with its drop-ins.
type unit struct {
	name     string // kubelet
	file     string
	dropIns  []string
	masked   bool
	settings map[string][]string // "Service.ExecStart" -> values; an empty assignment clears the list, as in systemd
}

// loadUnit gives nil when there is no such unit.
func loadUnit(name string) (*unit, error) {
	u := &unit{name: name, settings: map[string][]string{}}
	for _, folder := range unitFolders {
		file := filepath.Join(folder, name+".service")
		if target, err := os.Readlink(file); err == nil && target == os.DevNull {
			u.masked, u.file = true, file
			return u, nil
		}
		if _, err := os.Stat(file); err == nil {
			u.file = file
			break
		}
	}
	if u.file == "" {
		return nil, nil
	}
	byName := map[string]string{} // a drop-in hides those of its name in later folders
	for _, folder := range unitFolders {
		files, _ := filepath.Glob(filepath.Join(folder, name+".service.d", "*.conf"))
		for _, file := range files {
			if _, hidden := byName[filepath.Base(file)]; !hidden {
				byName[filepath.Base(file)] = file
			}
		}
	}
	for _, file := range byName {
		u.dropIns = append(u.dropIns, file)
	}
	sort.Slice(u.dropIns, func(i, j int) bool { return filepath.Base(u.dropIns[i]) < filepath.Base(u.dropIns[j]) })
	for _, file := range append([]string{u.file}, u.dropIns...) {
		if err := u.read(file); err != nil {
			return nil, err
		}
	}
	if u.last("Service.ExecStart", "") == "" {
		return nil, fmt.Errorf("%s has no ExecStart", u.file)
	}
	if kind := u.last("Service.Type", "simple"); !slices.Contains([]string{"simple", "exec", "notify"}, kind) {
		return nil, fmt.Errorf("%s: init of a lab node does not know Type=%s", u.file, kind)
	}
	return u, nil
}

func (u *unit) read(file string) error {
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	defer opened.Close()
	section, continued := "", ""
	for lines := bufio.NewScanner(opened); lines.Scan(); {
		line := strings.TrimSpace(continued + lines.Text())
		if continued = ""; strings.HasSuffix(line, `\`) {
			continued = strings.TrimSuffix(line, `\`) + " "
			continue
		}
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if line[0] == '[' {
			section = strings.Trim(line, "[]")
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		if key = strings.TrimSpace(key); section == "Service" && !slices.Contains(strings.Fields(appliedSettings+" "+ignoredSettings), key) {
			return fmt.Errorf("%s: init of a lab node does not know the setting %s", file, key)
		}
		key, value = section+"."+key, strings.TrimSpace(value)
		if value == "" {
			delete(u.settings, key)
		} else {
			u.settings[key] = append(u.settings[key], value)
		}
	}
	return nil
}

func (u *unit) last(key, fallback string) string {
	if values := u.settings[key]; len(values) > 0 {
		return values[len(values)-1]
	}
	return fallback
}

// seconds reads a time span such as 10, 5s, 1min 30s or infinity.
func (u *unit) seconds(key string, fallback time.Duration) time.Duration {
	text := strings.ReplaceAll(strings.ReplaceAll(u.last(key, ""), "min", "m"), " ", "")
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		return time.Duration(number * float64(time.Second))
	}
	if span, err := time.ParseDuration(text); err == nil {
		return span
	}
	return fallback
}

// environment is what systemd gives a system service (no HOME), then Environment=, then EnvironmentFile=.
func (u *unit) environment() ([]string, error) {
	all := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"}
	for _, line := range u.settings["Service.Environment"] {
		all = append(all, splitWords(line)...)
	}
	for _, file := range u.settings["Service.EnvironmentFile"] {
		path := strings.TrimPrefix(file, "-")
		content, err := os.ReadFile(path)
		if err != nil {
			if path != file {
				continue
			}
			return nil, err
		}
		for _, line := range strings.Split(string(content), "\n") {
			line = strings.TrimSpace(line)
			if key, value, ok := strings.Cut(line, "="); ok && line[0] != '#' {
				all = append(all, key+"="+strings.Join(splitWords(value), " "))
			}
		}
	}
	return all, nil
}

// expand gives a command line's words: $NAME becomes as many words as it has, ${NAME} stays in its word.
func expand(line string, environment []string) []string {
	values := map[string]string{}
	for _, entry := range environment {
		key, value, _ := strings.Cut(entry, "=")
		values[key] = value
	}
	var words []string
	for _, word := range splitWords(line) {
		if strings.HasPrefix(word, "$") && !strings.HasPrefix(word, "${") {
			words = append(words, splitWords(values[word[1:]])...)
			continue
		}
		for key, value := range values {
			word = strings.ReplaceAll(word, "${"+key+"}", value)
		}
		words = append(words, word)
	}
	return words
}

// splitWords splits at blanks outside of single and double quotes, which it removes.
func splitWords(text string) []string {
	var words []string
	var word strings.Builder
	quote, inside := rune(0), false
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, inside = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if inside {
				words = append(words, word.String())
				word.Reset()
			}
			inside = false
		default:
			word.WriteRune(r)
			inside = true
		}
	}
	if inside {
		words = append(words, word.String())
	}
	return words
}
