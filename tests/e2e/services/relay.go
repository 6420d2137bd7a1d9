// The services of relay.py on Go's net/http. usage: relay LOG HOST [HOW=URL]...
package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
)

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func random(bytes int) string {
	raw := make([]byte, bytes)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}

func contextFor(how, path, came string) string {
	if how == "drop-old" {
		how = "pass"
		if strings.HasPrefix(path, "/old") {
			how = "drop"
		}
	}
	if how == "restart" {
		came = fmt.Sprintf("00-%s-%s-01", random(16), random(8))
	}
	if how == "drop" || came == "" {
		return ""
	}
	parts := strings.Split(came, "-")
	return strings.Join([]string{parts[0], parts[1], random(8), parts[3]}, "-")
}

func call(how, url, path, came string) {
	request, err := http.NewRequest("GET", url+path, nil)
	if err != nil {
		panic(err)
	}
	if context := contextFor(how, path, came); context != "" {
		request.Header.Set("traceparent", context)
	}
	answer, err := client.Do(request)
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
}

func main() {
	listener, err := net.Listen("tcp", net.JoinHostPort(os.Args[2], "0"))
	if err != nil {
		panic(err)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, word := range os.Args[3:] {
			how, url, _ := strings.Cut(word, "=")
			call(how, url, r.URL.Path, r.Header.Get("traceparent"))
		}
		w.WriteHeader(http.StatusOK)
	})))
}
