package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const journalFile = "/var/log/journal/journal.log"

// journal is a text file; a line is: time (RFC 3339, UTC) TAB unit TAB identifier TAB pid TAB message.
type journal struct {
	mutex sync.Mutex
	file  *os.File
}

func openJournal() (*journal, error) {
	if err := os.MkdirAll(filepath.Dir(journalFile), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(journalFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	return &journal{file: file}, err
}

func (j *journal) write(unit, identifier string, pid int, message string) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	fmt.Fprintf(j.file, "%s\t%s\t%s\t%d\t%s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), unit, identifier, pid, message)
}

// output is the writing end that a process gets for stdout and stderr.
type output struct {
	file *os.File
	pid  atomic.Int64
}

func (o *output) close()         { o.file.Close() }
func (o *output) setPid(pid int) { o.pid.Store(int64(pid)) }

// pipe gives an output whose lines go into the journal until the last process that holds it has ended.
func (j *journal) pipe(unit, command string) (*output, error) {
	reading, writing, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	o := &output{file: writing}
	go func() {
		defer reading.Close()
		lines := bufio.NewReader(reading)
		for {
			line, err := lines.ReadString('\n')
			if line = strings.TrimRight(line, "\n"); line != "" {
				j.write(unit, filepath.Base(command), int(o.pid.Load()), line)
			}
			if err != nil {
				if err != io.EOF {
					j.write(unit, "systemd", 1, "reading its output: "+err.Error())
				}
				return
			}
		}
	}()
	return o, nil
}
