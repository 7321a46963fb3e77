package sinktest

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"proxyherd/herd/sink"
)

// ErrDown is what a Memory says while it is down.
var ErrDown = errors.New("the database is down")

// Memory is a sink.Database in memory. The zero value is empty.
type Memory struct {
	mu     sync.Mutex
	rows   map[string]sink.Row
	down   bool
	hangs  bool
	life   string
	writes [][]string // the lines of each batch that was written
	asked  int
	closed bool
}

// Down has every call fail at once, or no more.
func (m *Memory) Down(down bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = down
}

// Hang has every call wait until its context is done, or no more.
func (m *Memory) Hang(hangs bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hangs = hangs
}

// Restart begins a new life, in which all is lost.
func (m *Memory) Restart(life string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.life, m.rows = life, nil
}

// Lines are the AT lines that it has, sorted by client.
func (m *Memory) Lines() (list []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(m.rows)) {
		list = append(list, lineOf(m.rows[id]))
	}
	return list
}

func lineOf(r sink.Row) string {
	return string(sink.Line(r.Server, r.Difference, r.ID, r.Location, r.Time))
}

// Writes are the lines of each batch that was written.
func (m *Memory) Writes() [][]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.writes)
}

// Asked is how many calls there were of Find, Hang and Down or not.
func (m *Memory) Asked() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}

// Closed reports whether it is.
func (m *Memory) Closed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.closed
}

// enter begins a call.
func (m *Memory) enter(ctx context.Context) error {
	m.mu.Lock()
	down, hangs := m.down, m.hangs
	m.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	if down {
		return ErrDown
	}
	return ctx.Err()
}

// Write is a sink.Database's.
func (m *Memory) Write(ctx context.Context, rows []sink.Row) (written sink.Written, err error) {
	if err := m.enter(ctx); err != nil {
		return written, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = map[string]sink.Row{}
	}
	var lines []string
	for _, row := range rows {
		lines = append(lines, lineOf(row))
		if had, known := m.rows[string(row.ID)]; !known || bytes.Compare(had.Order, row.Order) < 0 {
			m.rows[string(row.ID)] = row
			written.Newer++
		}
	}
	m.writes = append(m.writes, lines)
	written.Life = m.life
	return written, nil
}

// Find is a sink.Database's.
func (m *Memory) Find(ctx context.Context, id []byte) (line []byte, err error) {
	m.mu.Lock()
	m.asked++
	m.mu.Unlock()
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if row, known := m.rows[string(id)]; known {
		line = []byte(lineOf(row))
	}
	return line, nil
}

// Page is a sink.Database's. A page has two clients.
func (m *Memory) Page(ctx context.Context, from string) (lines []byte, next string, err error) {
	if err := m.enter(ctx); err != nil {
		return nil, "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ids := slices.Sorted(maps.Keys(m.rows))
	ids = slices.DeleteFunc(ids, func(id string) bool { return strings.Compare(id, from) <= 0 })
	for i, id := range ids {
		if i == 2 {
			return lines, next, nil
		}
		lines = append(append(lines, lineOf(m.rows[id])...), '\n')
		next = id
	}
	return lines, "", nil
}

// Close is a sink.Database's.
func (m *Memory) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
}
