// The stock room: GET /stock/<item> answers how many there are, 404 for items whose number ends in 4 (sold out).
// PORT: where to listen.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
)

func stock(w http.ResponseWriter, r *http.Request) {
	item := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	if strings.HasSuffix(item, "4") {
		http.Error(w, "sold out", http.StatusNotFound)
		return
	}
	fmt.Fprintf(w, `{"item":%q,"count":%d}`, item, len(item)*7)
}

func main() {
	http.HandleFunc("/stock/", stock)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
