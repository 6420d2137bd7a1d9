// A small HTTP/1.1 service on Go's net/http; the routes are those of service.py. usage: service LOG [HOST]
package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

var big = bytes.Repeat([]byte("b"), 1<<20)

func answer(log *os.File, w http.ResponseWriter, r *http.Request) {
	requestBody, _ := io.ReadAll(r.Body)
	words := strings.Split(r.URL.Path, "/")
	status, body := 200, []byte("ok\n")
	switch {
	case r.Method == "POST":
		body = requestBody
	case words[1] == "big":
		body = big
	case words[1] == "status":
		status, _ = strconv.Atoi(words[2])
	case words[1] == "slow":
		milliseconds, _ := strconv.Atoi(words[2])
		time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	case words[1] == "close":
		w.Header().Set("Connection", "close")
	}
	fmt.Fprintf(log, "%d %s %s %d\n", os.Getpid(), r.Method, r.URL.Path, status)
	if words[1] == "chunked" {
		for _, piece := range []string{"one", strings.Repeat("two", 400), "three"} {
			io.WriteString(w, piece)
			w.(http.Flusher).Flush()
		}
		return
	}
	if status != 204 && status != 304 {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	if status != 204 && status != 304 && r.Method != "HEAD" {
		w.Write(body)
	}
}

func main() {
	log, err := os.OpenFile(os.Args[1], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	host := "127.0.0.1"
	if len(os.Args) > 2 {
		host = os.Args[2]
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		panic(err)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(log, w, r) })))
}
