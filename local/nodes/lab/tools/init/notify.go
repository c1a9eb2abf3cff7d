package main

import (
	"net"
	"os"
	"strings"
)

// notifySocket is where a service of Type=notify says READY=1 (sd_notify). For other types the channel is nil.
func (s *service) notifySocket(environment []string) (<-chan struct{}, []string, func(), error) {
	if s.unit.last("Service.Type", "simple") != "notify" {
		return nil, environment, func() {}, nil
	}
	path := runFolder + "/notify-" + s.unit.name
	_ = os.Remove(path)
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return nil, nil, nil, err
	}
	notified := make(chan struct{}, 1)
	go func() {
		message := make([]byte, 4096)
		for {
			length, err := socket.Read(message)
			if err != nil {
				return
			}
			for _, line := range strings.Split(string(message[:length]), "\n") {
				if line == "READY=1" {
					select {
					case notified <- struct{}{}:
					default:
					}
				}
			}
		}
	}()
	return notified, append(environment, "NOTIFY_SOCKET="+path), func() { socket.Close(); os.Remove(path) }, nil
}
