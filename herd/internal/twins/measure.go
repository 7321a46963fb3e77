package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// measureAll measures what a line costs, and writes the measured part of the page.
// Without repeats of the benchmarks, their tables stay as they were before.
func measureAll(root string, repeats int, before string) (string, error) {
	var b strings.Builder
	b.WriteString("| allocations, in the whole process, of an IAMAT over TCP | reactor | goroutine |\n|---|--:|--:|\n")
	for _, lines := range []int{1, 64} {
		var row [2]cost
		for i, design := range designs {
			var err error
			if row[i], err = allocations(design, lines); err != nil {
				return "", fmt.Errorf("%s: %w", design.name, err)
			}
		}
		fmt.Fprintf(&b, "| %d at a time | %.2f, of %.0f bytes | %.2f, of %.0f bytes |\n", lines, row[0].allocations, row[0].bytes, row[1].allocations, row[1].bytes)
	}
	if repeats == 0 {
		if at := strings.Index(before, benchmarksBegin); at >= 0 {
			before = before[at:]
		}
		return b.String() + before, nil
	}
	results, err := benchmark(root, repeats)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&b, benchmarksBegin+"The two designs took turns, %d times: what is shown is the least\nprocessor time and memory, and the best rate, of each. Compare within a row.\n", repeats)
	writeIdle(&b, results)
	writeRates(&b, results)
	return b.String(), nil
}

// result is what a benchmark reports, by unit.
type result map[string]float64

// benchmarksBegin is where what the benchmarks have measured begins.
const benchmarksBegin = "\nOf one run of the benchmarks. "

// benchmark runs the benchmarks of herdtest, and keeps the best that each has reported:
// the most lines a second, and the least of everything else.
func benchmark(root string, repeats int) (map[string]result, error) {
	all := map[string]result{}
	for range repeats {
		cmd := exec.Command("go", "test", "-run=^$", "-bench=^(BenchmarkTwins|BenchmarkIdleConnection)$", "-benchtime=20000x", "./herd/herdtest")
		cmd.Dir = filepath.Clean(root)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
		}
		for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
			fields := strings.Fields(lines.Text())
			if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
				continue
			}
			name := fields[0][:strings.LastIndexByte(fields[0], '-')] // without how many cores there are
			if all[name] == nil {
				all[name] = result{}
			}
			for i := 2; i+1 < len(fields); i += 2 {
				value, err := strconv.ParseFloat(fields[i], 64)
				if err != nil {
					return nil, fmt.Errorf("%q: %w", lines.Text(), err)
				}
				all[name].keep(fields[i+1], value)
			}
		}
	}
	return all, nil
}

func (r result) keep(unit string, value float64) {
	best, known := r[unit]
	if better := cmp.Compare(value, best); !known || better > 0 == (unit == "klines/s") {
		r[unit] = value
	}
}

func writeIdle(b *strings.Builder, results map[string]result) {
	b.WriteString("\n| an idle connection, after one report | reactor | goroutine |\n|---|--:|--:|\n")
	for _, row := range [][2]string{{"heap", "heap-B/conn"}, {"stacks", "stack-B/conn"}} {
		fmt.Fprintf(b, "| %s |", row[0])
		for _, d := range designs {
			fmt.Fprintf(b, " %.0f bytes |", math.Abs(results["BenchmarkIdleConnection/"+d.name][row[1]]))
		}
		b.WriteByte('\n')
	}
}

func writeRates(b *strings.Builder, results map[string]result) {
	b.WriteString("\nIAMATs over TCP, each client waiting for its answers before it sends the next: the server's\nprocessor time for a line, and lines a second. The generator and the neighbour run on the\nsame machine, beside whatever else it does.\n\n| cores | neighbours | clients | at a time | reactor | goroutine | processor time, to the reactor's | lines, to the reactor's |\n|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, cores := range []int{1, 2} {
		for _, neighbours := range []int{0, 1} {
			for _, load := range [][2]int{{1, 1}, {50, 1}, {50, 16}, {50, 64}} {
				name := fmt.Sprintf("BenchmarkTwins/cores=%d/neighbours=%d/clients=%d/lines=%d/", cores, neighbours, load[0], load[1])
				r, g := results[name+"reactor"], results[name+"goroutine"]
				fmt.Fprintf(b, "| %d | %d | %d | %d | %.2f us, %.0f k/s | %.2f us, %.0f k/s | %.2f | %.2f |\n", cores, neighbours, load[0], load[1],
					r["cpu-ns/line"]/1000, r["klines/s"], g["cpu-ns/line"]/1000, g["klines/s"],
					g["cpu-ns/line"]/r["cpu-ns/line"], g["klines/s"]/r["klines/s"])
			}
		}
	}
}
