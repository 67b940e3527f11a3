// FerretDB by its embeddable package, with SQLite behind it: a server of MongoDB's protocol that keeps through kill -9
// what it acknowledged. Arguments: address to listen at, folder of the databases. Prints its address when it listens, and
// ends when its input does, so also when the tests die.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: ferretdb ADDRESS FOLDER")
	}
	address, folder := os.Args[1], os.Args[2]
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: address},
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	go sayWhenListening(address)
	if err := server.Run(ctx); err != nil {
		log.Fatal(err)
	}
}

// sayWhenListening: the package tells no one when its listener is open.
func sayWhenListening(address string) {
	for {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
			fmt.Println("listening at " + address)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}
