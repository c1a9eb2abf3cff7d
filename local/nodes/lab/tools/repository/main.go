// repository serves the lab's packages as https://pkgs.k8s.io does its own, read-only, until it is killed:
//
//	repository STABLE_FOLDER KEYS_FOLDER ADDRESS:PORT
//
// STABLE_FOLDER has a folder for each minor. Like the public one, pkgs.k8s.io only redirects to prod-cdn.packages.k8s.io, and what is not there
// is forbidden (403), not missing. It says one line when it serves, and then one for each request.
package main

import (
	"crypto/tls"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

const (
	publicHost   = "pkgs.k8s.io"
	publicPath   = "/core:/stable:/"
	storageHost  = "prod-cdn.packages.k8s.io"
	storagePath  = "/repositories/isv:/kubernetes:/core:/stable:/"
	accessDenied = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>\n"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: repository STABLE_FOLDER KEYS_FOLDER ADDRESS:PORT")
		os.Exit(2)
	}
	if err := serve(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "repository:", err)
		os.Exit(1)
	}
}

func serve(folder, keys, address string) error {
	certificate, err := tls.LoadX509KeyPair(filepath.Join(keys, "tls.crt"), filepath.Join(keys, "tls.key"))
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(folder) // no path leads out of it
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("serving %s at %s\n", folder, address)
	server := &http.Server{Handler: logged(handler(root.FS())), TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}}
	return server.ServeTLS(listener, "", "")
}

func handler(files fs.FS) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		path := request.URL.Path
		switch {
		case request.Method != http.MethodGet && request.Method != http.MethodHead:
			answer.WriteHeader(http.StatusMethodNotAllowed)
		case request.Host == publicHost && strings.HasPrefix(path, publicPath):
			target := "https://" + storageHost + storagePath + strings.TrimPrefix(path, publicPath)
			http.Redirect(answer, request, target, http.StatusFound)
		case request.Host == storageHost && isFile(files, strings.TrimPrefix(path, storagePath)):
			http.ServeFileFS(answer, request, files, strings.TrimPrefix(path, storagePath))
		default:
			answer.Header().Set("Content-Type", "application/xml")
			answer.WriteHeader(http.StatusForbidden)
			fmt.Fprint(answer, accessDenied)
		}
	})
}

func isFile(files fs.FS, name string) bool {
	found, err := fs.Stat(files, name)
	return err == nil && found.Mode().IsRegular()
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		recording := &recorder{answer, http.StatusOK}
		next.ServeHTTP(recording, request)
		fmt.Printf("%s %s https://%s%s %d\n", request.RemoteAddr, request.Method, request.Host, request.URL.EscapedPath(), recording.status)
	})
}
