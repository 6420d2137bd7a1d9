// net/http, server and client. The plan is that of plan.py.
package main

import (
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	next    = strings.Split(os.Getenv("NEXT"), ",")
	hard    = os.Getenv("HARD") == "1"
	workMs  = number(os.Getenv("WORK_MS"))
	client  = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	modulus = 1<<31 - 1
)

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func work() {
	share := 1.0
	if hard {
		share = 0.2 + 1.6*rand.Float64()
	}
	time.Sleep(time.Duration(share * float64(workMs) * float64(time.Millisecond)))
}

func get(base string, n int) {
	answer, err := client.Get(fmt.Sprintf("%s/r/%d", base, n))
	if err == nil {
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
}

func handle(w http.ResponseWriter, r *http.Request) {
	words := strings.Split(r.URL.Path, "/")
	route, n, bases := words[1], number(words[2]), next
	if route == "one" {
		bases = next[:1]
	} else if route == "none" {
		bases = nil
	}
	work()
	var calls sync.WaitGroup
	for _, base := range bases {
		n = n * 48271 % modulus
		if hard && rand.Intn(3) == 0 {
			continue
		}
		if route == "par" {
			calls.Add(1)
			go func(n int) { defer calls.Done(); get(base, n) }(n)
		} else {
			get(base, n)
		}
	}
	calls.Wait()
	work()
	io.WriteString(w, "ok\n")
}

func background() {
	for {
		time.Sleep(time.Duration(4+rand.Float64()*8) * time.Millisecond)
		get(next[0], 1+rand.Intn(99999))
	}
}

func main() {
	if os.Getenv("BACKGROUND") == "1" {
		go background()
	}
	http.HandleFunc("/", handle)
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
