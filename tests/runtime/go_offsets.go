// Prints the row of agent/runtime/go_versions.cpp for the Go that built this program, out of the program's own DWARF.
// With an argument, "serve", it is a service: it answers GET /call by what it gets from its own GET /, and says its port.
package main

import (
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

var structs = map[string]*dwarf.StructType{}

func read() {
	path, _ := os.Executable()
	file, err := elf.Open(path)
	if err != nil {
		panic(err)
	}
	data, err := file.DWARF()
	if err != nil {
		panic(err)
	}
	for reader := data.Reader(); ; {
		entry, err := reader.Next()
		if entry == nil || err != nil {
			return
		}
		if entry.Tag != dwarf.TagStructType {
			continue
		}
		switch name, _ := entry.Val(dwarf.AttrName).(string); name {
		case "runtime.g", "runtime.hchan", "runtime.sudog", "runtime.waitq", "net/http.persistConn", "net/http.requestAndChan":
			if found, err := data.Type(entry.Offset); err == nil {
				structs[name] = found.(*dwarf.StructType)
			}
		}
	}
}

func offset(name, member string) int64 {
	for _, field := range structs[name].Field {
		if field.Name == member {
			return field.ByteOffset
		}
	}
	return 0
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	here := "http://" + listener.Addr().String()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "here\n") })
	http.HandleFunc("/call", func(w http.ResponseWriter, r *http.Request) {
		answer, err := http.Get(here + "/")
		if err != nil {
			panic(err)
		}
		io.Copy(w, answer.Body)
		answer.Body.Close()
	})
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}

func main() {
	if len(os.Args) > 1 {
		serve()
	}
	read()
	fmt.Println(offset("runtime.g", "goid"), offset("runtime.g", "parentGoid"), offset("net/http.persistConn", "reqch"),
		structs["net/http.requestAndChan"].ByteSize, offset("net/http.requestAndChan", "ch"),
		offset("runtime.hchan", "recvq")+offset("runtime.waitq", "first"), offset("runtime.sudog", "g"))
}
