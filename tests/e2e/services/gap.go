// gap.py on Go's net/http, with a connection for each call. usage: gap LOG HOST UPSTREAM_PORT
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func main() {
	host, upstream := os.Args[2], os.Args[3]
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	listener, err := net.Listen("tcp", host+":0")
	if err != nil {
		panic(err)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := client.Get("http://" + net.JoinHostPort(host, upstream) + r.URL.Path)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		io.Copy(w, answer.Body)
	})))
}
