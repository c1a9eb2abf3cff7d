package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

type entry struct {
	at                             time.Time
	unit, identifier, pid, message string
}

func parseEntry(line string) (entry, bool) {
	fields := strings.SplitN(line, "\t", 5)
	if len(fields) != 5 {
		return entry{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, fields[0])
	return entry{at, fields[1], fields[2], fields[3], fields[4]}, err == nil
}

func (e entry) short() string { return e.withTime(time.Stamp) }

func (e entry) withTime(layout string) string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s %s %s[%s]: %s", e.at.Format(layout), host, e.identifier, e.pid, e.message)
}

// query is what `journalctl` was asked for.
type query struct {
	units   []string
	lines   int // all: -1
	since   time.Time
	until   time.Time
	follow  bool
	reverse bool
	format  string
}

func (q query) wants(e entry) bool {
	return (len(q.units) == 0 || slices.Contains(q.units, e.unit)) && !e.at.Before(q.since) && (q.until.IsZero() || !e.at.After(q.until))
}

func (q query) print(e entry) {
	switch q.format {
	case "cat":
		fmt.Println(e.message)
	case "short-iso":
		fmt.Println(e.withTime("2006-01-02T15:04:05-0700"))
	case "short-precise":
		fmt.Println(e.withTime(time.StampMicro))
	default:
		fmt.Println(e.short())
	}
}

func lastEntries(units []string, count int) []entry {
	return query{units: units, lines: count}.read(nil)
}

// read gives the entries that the file has now; more, if given, keeps the reader for what is written later.
func (q query) read(more **bufio.Reader) []entry {
	file, err := os.Open(journalFile)
	if err != nil {
		return nil
	}
	reader := bufio.NewReader(file)
	if more != nil {
		*more = reader
	} else {
		defer file.Close()
	}
	var found []entry
	for {
		line, err := reader.ReadString('\n')
		if e, ok := parseEntry(strings.TrimSuffix(line, "\n")); ok && q.wants(e) {
			found = append(found, e)
		}
		if err != nil {
			break
		}
	}
	if q.lines >= 0 && len(found) > q.lines {
		found = found[len(found)-q.lines:]
	}
	return found
}

func journalctl(arguments []string) int {
	q, err := parseQuery(arguments)
	if err != nil {
		fmt.Fprintln(os.Stderr, "journalctl of a lab node:", err)
		return 1
	}
	var more *bufio.Reader
	found := q.read(&more)
	if q.reverse {
		slices.Reverse(found)
	}
	for _, e := range found {
		q.print(e)
	}
	if len(found) == 0 && !q.follow {
		fmt.Println("-- No entries --")
	}
	for partial := ""; q.follow && more != nil; {
		line, err := more.ReadString('\n')
		partial += line
		if err != nil {
			time.Sleep(200 * time.Millisecond)
			continue
		}
		if e, ok := parseEntry(strings.TrimSuffix(partial, "\n")); ok && q.wants(e) {
			q.print(e)
		}
		partial = ""
	}
	return 0
}

func parseQuery(arguments []string) (query, error) {
	q := query{lines: -1}
	linesGiven := false
	for i := 0; i < len(arguments); i++ {
		option, value, hasValue := strings.Cut(arguments[i], "=")
		if len(option) > 2 && option[0] == '-' && option[1] != '-' && strings.ContainsRune("nuo", rune(option[1])) { // -n50
			option, value, hasValue = arguments[i][:2], arguments[i][2:], true
		}
		takesValue := slices.Contains([]string{"-u", "--unit", "-n", "--lines", "-S", "--since", "-U", "--until", "-o", "--output"}, option)
		if takesValue && !hasValue {
			if i++; i >= len(arguments) {
				return q, fmt.Errorf("option %s needs a value", option)
			}
			value = arguments[i]
		}
		var err error
		switch option {
		case "-u", "--unit":
			q.units = append(q.units, strings.TrimSuffix(value, ".service"))
		case "-n", "--lines":
			linesGiven = true
			if q.lines, err = strconv.Atoi(value); err != nil && value == "all" {
				q.lines, err = -1, nil
			}
		case "-S", "--since":
			q.since, err = parseTime(value)
		case "-U", "--until":
			q.until, err = parseTime(value)
		case "-o", "--output":
			if q.format = value; !slices.Contains([]string{"cat", "short", "short-iso", "short-precise"}, value) {
				err = fmt.Errorf("output format %q: expected cat, short, short-iso or short-precise", value)
			}
		case "-f", "--follow":
			q.follow = true
		case "-r", "--reverse":
			q.reverse = true
		case "--no-pager", "-q", "--quiet", "--no-hostname", "-b", "-x", "-e", "-a", "-l", "--full":
		default:
			err = fmt.Errorf("unknown option %s", option)
		}
		if err != nil {
			return q, err
		}
	}
	if q.follow && !linesGiven {
		q.lines = 10
	}
	return q, nil
}

// parseTime reads what scripts use: "2026-11-23 18:00:00" (UTC), RFC 3339, @seconds, "-15min", "15 minutes ago".
func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{time.DateTime, time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	if number, isUnix := strings.CutPrefix(text, "@"); isUnix && strings.Trim(number, "0123456789.") == "" {
		if sinceEpoch, err := time.ParseDuration(number + "s"); err == nil {
			return time.Unix(0, 0).Add(sinceEpoch), nil
		}
	}
	span := strings.TrimSuffix(strings.TrimPrefix(text, "-"), " ago")
	number := strings.TrimRight(span, "abcdefghijklmnopqrstuvwxyz ")
	count, err := strconv.Atoi(number)
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	name := strings.TrimSpace(span[len(number):])
	if err != nil || name == "" || units[name[0]] == 0 || span == text {
		return time.Time{}, fmt.Errorf("time %q: expected such as \"2026-11-23 18:00:00\", @1790000000.25, -15min or \"15 minutes ago\"", text)
	}
	return time.Now().Add(-time.Duration(count) * units[name[0]]), nil
}

func monotonicNow() time.Duration {
	var now syscall.Timespec
	const clockMonotonic = 1
	_, _, _ = syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&now)), 0)
	return time.Duration(now.Nano())
}
