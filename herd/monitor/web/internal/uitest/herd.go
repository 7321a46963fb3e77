package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// address is where a server of the demo serves clients, as the page is told.
func (v *visit) address(server string) (string, error) {
	client := http.Client{Timeout: patience}
	answer, err := client.Get(v.herd.url + "events")
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var hello struct {
		Servers []struct{ Name, Clients string }
	}
	for in := bufio.NewScanner(answer.Body); in.Scan(); {
		if text, found := strings.CutPrefix(in.Text(), "data: "); found {
			if err := json.Unmarshal([]byte(text), &hello); err != nil {
				return "", err
			}
			break // it is the first
		}
	}
	for _, s := range hello.Servers {
		if s.Name == server {
			return s.Clients, nil
		}
	}
	return "", fmt.Errorf("%w: the page is told of no %s", errNotSo, server)
}

// tell sends a server lines as a client, past the page, and waits for all answers.
func (v *visit) tell(server, lines string) error {
	at, err := v.address(server)
	if err != nil {
		return err
	}
	conn, err := net.Dial("tcp", at)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * patience)); err != nil {
		return err
	}
	go func() {
		_, _ = io.WriteString(conn, lines) // the answers tell whether it was taken
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	answered := 0
	for in := bufio.NewScanner(conn); in.Scan(); answered++ {
		if !strings.HasPrefix(in.Text(), "AT ") {
			return fmt.Errorf("%w: %s answers %q", errNotSo, server, in.Text())
		}
	}
	if want := strings.Count(lines, "\n"); answered != want {
		return fmt.Errorf("%w: %s has answered %d of %d lines", errNotSo, server, answered, want)
	}
	return nil
}
