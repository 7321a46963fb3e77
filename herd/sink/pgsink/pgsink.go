// Package pgsink keeps the newest record of each client in PostgreSQL: the only
// importer of its client.
//
// The table herd_records has a row for each client of each herd that writes there, with
// the fields of the client's AT line, the place as numbers and the key of the record's
// order. What may be any bytes is bytea: ids, and the names of servers and herds. A
// batch is one statement that inserts rows and updates those that are older, so that no
// order of writers leaves an older one.
package pgsink

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"proxyherd/herd/sink"
)

// connections is how many there are at most: one that writes, and some that ask.
const connections = 4

// patience bounds the dialling of one.
const patience = 10 * time.Second

// Postgres is a sink.Database. Open makes one.
type Postgres struct {
	pool  *pgxpool.Pool
	herd  []byte
	ready atomic.Bool // the table was there when it was last looked for
}

// Open takes the address of a PostgreSQL, in which there is no password, and dials
// nobody yet. What the address does not say, the variables of libpq do (PGHOST,
// PGPASSFILE and so on). The records are of the named herd, beside those of others.
func Open(url, password, herd string) (*Postgres, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("sink.url is no address of a PostgreSQL; write for example postgres://user@127.0.0.1:5432/database: %w", err)
	}
	if password != "" {
		config.ConnConfig.Password = password
	}
	config.ConnConfig.ConnectTimeout = patience
	config.MaxConns, config.MinConns = connections, 0
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, fmt.Errorf("sink.url: %w", err)
	}
	return &Postgres{pool: pool, herd: []byte(herd)}, nil
}

// table is made where it is missing. Several servers may find that at once: the lock,
// whose number is nobody else's, lets one after the other look.
const table = `
DO $$ BEGIN
	PERFORM pg_advisory_xact_lock(5209612430);
	IF to_regclass('herd_records') IS NULL THEN
		CREATE TABLE herd_records (
			herd       bytea NOT NULL,
			id         bytea NOT NULL,
			server     bytea NOT NULL,
			difference text NOT NULL,
			location   text NOT NULL,
			time       text NOT NULL,
			latitude   double precision NOT NULL,
			longitude  double precision NOT NULL,
			order_key  bytea NOT NULL,
			PRIMARY KEY (herd, id)
		);
	END IF;
END $$`

// write takes each row that is newer. The rows come in the order of their ids, so that
// two writers of the same clients wait for each other and never in a circle.
const write = `
INSERT INTO herd_records (herd, id, server, difference, location, time, latitude, longitude, order_key)
SELECT $1, new.* FROM unnest($2::bytea[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[], $9::bytea[])
	AS new (id, server, difference, location, time, latitude, longitude, order_key)
ORDER BY new.id
ON CONFLICT (herd, id) DO UPDATE SET
	server = excluded.server, difference = excluded.difference, location = excluded.location, time = excluded.time,
	latitude = excluded.latitude, longitude = excluded.longitude, order_key = excluded.order_key
WHERE herd_records.order_key < excluded.order_key`

// Write is a sink.Database's.
func (p *Postgres) Write(ctx context.Context, rows []sink.Row) (written sink.Written, err error) {
	var c columns
	for i := range rows {
		c.add(&rows[i])
	}
	err = p.do(ctx, "writing to PostgreSQL", func() error {
		var both pgx.Batch // in one round trip
		both.Queue(write, p.herd, c.ids, c.servers, c.differences, c.locations, c.times, c.latitudes, c.longitudes, c.orders).
			Exec(func(tag pgconn.CommandTag) error {
				written.Newer = int(tag.RowsAffected())
				return nil
			})
		both.Queue(`SELECT pg_postmaster_start_time()::text`).
			QueryRow(func(row pgx.Row) error { return row.Scan(&written.Life) })
		return p.pool.SendBatch(ctx, &both).Close()
	})
	return written, err
}

// columns are rows, turned.
type columns struct {
	ids, servers, orders          [][]byte
	differences, locations, times []string
	latitudes, longitudes         []float64
}

func (c *columns) add(row *sink.Row) {
	c.ids, c.servers, c.orders = append(c.ids, row.ID), append(c.servers, row.Server), append(c.orders, row.Order)
	c.differences = append(c.differences, string(row.Difference))
	c.locations = append(c.locations, string(row.Location))
	c.times = append(c.times, string(row.Time))
	c.latitudes, c.longitudes = append(c.latitudes, row.Latitude), append(c.longitudes, row.Longitude)
}

// do sees to it that the table is there, and does something with it. A table that has
// gone since is made anew the next time.
func (p *Postgres) do(ctx context.Context, what string, f func() error) error {
	if !p.ready.Load() {
		if _, err := p.pool.Exec(ctx, table); err != nil {
			return fmt.Errorf("%s: making the table herd_records: %w", what, err)
		}
		p.ready.Store(true)
	}
	if err := f(); err != nil {
		p.ready.Store(false)
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Find is a sink.Database's.
func (p *Postgres) Find(ctx context.Context, id []byte) (line []byte, err error) {
	err = p.do(ctx, "asking PostgreSQL", func() error {
		row := p.pool.QueryRow(ctx, `SELECT id, server, difference, location, time FROM herd_records WHERE herd = $1 AND id = $2`, p.herd, id)
		_, line, err = lineOf(row)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return line, err
}

// lineOf is the AT line, without its end, of a row, and whose it is.
func lineOf(row pgx.Row) (id, line []byte, err error) {
	var server []byte
	var difference, location, time string
	if err := row.Scan(&id, &server, &difference, &location, &time); err != nil {
		return nil, nil, err
	}
	return id, sink.Line(server, []byte(difference), id, []byte(location), []byte(time)), nil
}

// page is how many rows there are on a page.
const page = 500

// Page is a sink.Database's. A page begins behind an id.
func (p *Postgres) Page(ctx context.Context, from string) (lines []byte, next string, err error) {
	after, err := hex.DecodeString(from)
	if err != nil {
		return nil, "", fmt.Errorf("reading the place of a page: %w", err)
	}
	err = p.do(ctx, "reading from PostgreSQL", func() error {
		rows, err := p.pool.Query(ctx, `SELECT id, server, difference, location, time FROM herd_records
			WHERE herd = $1 AND id > $2 ORDER BY id LIMIT $3`, p.herd, after, page)
		if err != nil {
			return err
		}
		defer rows.Close()
		seen := 0
		for ; rows.Next(); seen++ {
			id, line, err := lineOf(rows)
			if err != nil {
				return err
			}
			lines = append(append(lines, line...), '\n')
			next = hex.EncodeToString(id)
		}
		if seen < page {
			next = ""
		}
		return rows.Err()
	})
	return lines, next, err
}

// Close is a sink.Database's.
func (p *Postgres) Close() { p.pool.Close() }
