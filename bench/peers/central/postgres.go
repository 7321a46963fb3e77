package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// A page that is not filled takes a row's next version, and no index changes.
	makeTable = `CREATE TABLE IF NOT EXISTS report (id bytea PRIMARY KEY, rank bytea NOT NULL, line bytea NOT NULL) WITH (fillfactor = 70)`

	// One statement is one transaction, however many reports it keeps.
	keepOne  = `INSERT INTO report AS known (id, rank, line) VALUES ($1, $2, $3)` + unlessNewer
	keepMany = `INSERT INTO report AS known (id, rank, line) SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[])` + unlessNewer

	unlessNewer = ` ON CONFLICT (id) DO UPDATE SET rank = excluded.rank, line = excluded.line WHERE known.rank < excluded.rank`

	readLine = `SELECT line FROM report WHERE id = $1`
)

// onPostgres keeps a client's report as a row of one table.
type onPostgres struct{ pool *pgxpool.Pool }

func openPostgres(ctx context.Context, address string, pool int) (store, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDatabase, err)
	}
	config.MaxConns = int32(pool)
	// A statement is planned once for a connection: lengths of arrays make no other plan better.
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	connections, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDatabase, err)
	}
	s := &onPostgres{connections}
	err = until(ctx, func(ctx context.Context) error {
		_, err := connections.Exec(ctx, makeTable)
		return err
	})
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *onPostgres) put(ctx context.Context, reports []report) error {
	if len(reports) == 1 {
		_, err := s.pool.Exec(ctx, keepOne, reports[0].id, reports[0].rank, reports[0].line)
		return err
	}
	reports = newestOfEach(reports)
	ids, ranks, lines := make([][]byte, len(reports)), make([][]byte, len(reports)), make([][]byte, len(reports))
	for i, r := range reports {
		ids[i], ranks[i], lines[i] = r.id, r.rank, r.line
	}
	_, err := s.pool.Exec(ctx, keepMany, ids, ranks, lines)
	return err
}

// newestOfEach leaves the newest report of each client, as a statement can change a row
// but once, in the order of ids: of two statements that lock their rows in one order,
// none waits for the other for ever.
func newestOfEach(reports []report) []report {
	sorted := slices.SortedFunc(slices.Values(reports), func(a, b report) int {
		if c := bytes.Compare(a.id, b.id); c != 0 {
			return c
		}
		return bytes.Compare(b.rank, a.rank)
	})
	return slices.CompactFunc(sorted, func(a, b report) bool { return bytes.Equal(a.id, b.id) })
}

func (s *onPostgres) get(ctx context.Context, id []byte) (line []byte, err error) {
	err = s.pool.QueryRow(ctx, readLine, id).Scan(&line)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return line, err
}

func (s *onPostgres) close() { s.pool.Close() }
