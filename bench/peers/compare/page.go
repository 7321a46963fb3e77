package main

import (
	"proxyherd/bench/peers/peer"
	"proxyherd/bench/peers/tables"
)

// lacksTable has a column for each server.
func lacksTable(string) (string, error) {
	header := []string{"ours"}
	for _, p := range peer.All() {
		header = append(header, p.Name)
	}
	rows := [][]string{header}
	for _, l := range peer.Lacks() {
		row := []string{l.What}
		for _, p := range peer.All() {
			why := l.Who[p.Name]
			if why == "" {
				why = "does it"
			}
			row = append(row, why)
		}
		rows = append(rows, row)
	}
	return tables.Table(rows), nil
}
