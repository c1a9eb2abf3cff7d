package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"
)

const runFolder = "/run/lab-init"

// What pid 1's exit code tells the program outside that started it.
const (
	exitPowerOff = 0
	exitReboot   = 194
)

type manager struct {
	reaper   *reaper
	journal  *journal
	mutex    sync.Mutex
	services map[string]*service
	shutDown chan int
}

func boot() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
	if err := os.MkdirAll(runFolder, 0o700); err != nil {
		fail(err)
	}
	written, err := openJournal()
	if err != nil {
		fail(err)
	}
	m := &manager{reaper: newReaper(), journal: written, services: map[string]*service{}, shutDown: make(chan int, 1)}
	m.journal.write("init", "systemd", 1, "Booting.")
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	if err := m.listen(); err != nil {
		fail(err)
	}
	go m.startEnabled()
	code := exitPowerOff
	select {
	case code = <-m.shutDown:
	case <-terminated:
	}
	m.end()
	os.Exit(code)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "init:", err)
	os.Exit(1)
}

func (m *manager) startEnabled() {
	links, _ := filepath.Glob("/etc/systemd/system/multi-user.target.wants/*.service")
	sort.Strings(links) // containerd before kubelet, which would wait for it anyway
	for _, link := range links {
		name := strings.TrimSuffix(filepath.Base(link), ".service")
		if found, err := m.find(name); err != nil || found == nil {
			m.journal.write(name, "systemd", 1, fmt.Sprintf("cannot be started: unit not found or wrong (%v)", err))
		} else if err := found.start(); err != nil {
			m.journal.write(name, "systemd", 1, err.Error())
		}
	}
	m.journal.write("init", "systemd", 1, "Startup finished.")
	_ = os.WriteFile(runFolder+"/booted", nil, 0o644)
}

// find gives the service of a unit, loading its files when it is not loaded; nil when there is no such unit.
func (m *manager) find(name string) (*service, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if loaded := m.services[name]; loaded != nil {
		return loaded, nil
	}
	read, err := loadUnit(name)
	if read == nil || err != nil {
		return nil, err
	}
	m.services[name] = &service{manager: m, unit: read, state: "inactive", sub: "dead", result: "success"}
	return m.services[name], nil
}

// reload reads all loaded units' files again; what runs goes on as it was started.
func (m *manager) reload() error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for name, loaded := range m.services {
		read, err := loadUnit(name)
		if err != nil {
			return err
		}
		if read == nil {
			delete(m.services, name)
			continue
		}
		loaded.mutex.Lock()
		loaded.unit = read
		loaded.mutex.Unlock()
	}
	return nil
}

// end stops the services, then everything else on the node: asked first, after five seconds without asking.
func (m *manager) end() {
	m.journal.write("init", "systemd", 1, "Shutting down.")
	var all sync.WaitGroup
	m.mutex.Lock()
	for _, running := range m.services {
		all.Go(running.stop)
	}
	m.mutex.Unlock()
	stopped := make(chan struct{})
	go func() { all.Wait(); close(stopped) }()
	select {
	case <-stopped:
	case <-time.After(5 * time.Second):
	}
	_ = syscall.Kill(-1, syscall.SIGTERM)
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline) && othersRun(); {
		time.Sleep(50 * time.Millisecond)
	}
	_ = syscall.Kill(-1, syscall.SIGKILL)
	syscall.Sync()
}

func othersRun() bool {
	processes, _ := filepath.Glob("/proc/[1-9]*")
	return len(processes) > 1
}
