// gap.py on Go's net/http, with a connection for each call. usage: gap LOG HOST [UPSTREAM_PORT]
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
)

// Port and path of whom to ask, as onward.py has it; "" at the end.
func onward(path string) (string, string) {
	words := strings.Split(path, "/") // "", NAME, PORT...
	if len(os.Args) > 3 {
		return os.Args[3], path
	}
	if len(words) < 3 {
		return "", ""
	}
	return words[2], strings.Join(append(words[:2:2], words[3:]...), "/")
}

func main() {
	host := os.Args[2]
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	listener, err := net.Listen("tcp", host+":0")
	if err != nil {
		panic(err)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		port, path := onward(r.URL.Path)
		if port == "" {
			return
		}
		answer, err := client.Get("http://" + net.JoinHostPort(host, port) + path)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		io.Copy(w, answer.Body)
	})))
}
