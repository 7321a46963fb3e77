package main

import (
	"fmt"
	"os"
	"strings"

	"proxyherd/herd"
)

// A server says that it is ready in one line for people and programs alike:
//
//	ready Farmar pid=4711 clients=127.0.0.1:12000 peers=127.0.0.1:12100 http=127.0.0.1:12200
//
// The addresses are those that are listened on, where the config may leave the
// port to the system. A part that the server does not have is left out.
func readyLine(status herd.Status, page string) string {
	line := fmt.Sprintf("ready %s pid=%d", status.Name, os.Getpid())
	for _, part := range []struct{ key, value string }{
		{"clients", status.Clients}, {"peers", status.Peers}, {"http", page},
	} {
		if part.value != "" {
			line += " " + part.key + "=" + part.value
		}
	}
	return line
}

// readyPart finds a part of a ready line by its key; "" if it is not there.
func readyPart(line, key string) string {
	for field := range strings.FieldsSeq(line) {
		if value, found := strings.CutPrefix(field, key+"="); found {
			return value
		}
	}
	return ""
}
