// workload stands for a user's application: it says on port 8080 which pod answers and since when, so that a test sees whether it was restarted.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	started := time.Now().UTC().Format(time.RFC3339)
	host, _ := os.Hostname()
	go func() {
		err := http.ListenAndServe(":8080", http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(answer, "%s since %s\n", host, started)
		}))
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-signals
}
