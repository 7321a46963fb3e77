// Package redissink keeps the newest record of each client in Redis: the only importer
// of its client.
//
// Of a herd named "herd" the key "herd:at:ID" is a hash with the fields of the
// client's AT line, the place as numbers and the key of the record's order; and
// "herd:places" is a geo set of all clients, for GEOSEARCH. That one ends at 85.05112878
// degrees north and south: who is beyond is in no place there. A script looks whether
// a record is newer and writes both in one step, so that no order of writers leaves an
// older one. It touches two keys, which a Redis Cluster may have in two places: this
// is for a Redis that is no cluster.
package redissink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"proxyherd/herd/sink"
)

// connections is how many there are at most: one that writes, and some that ask.
const connections = 4

// patience bounds whatever the context does not.
const patience = 10 * time.Second

// maxLatitude is where the places of Redis end.
const maxLatitude = 85.05112878

// What the script says.
const (
	stale = iota
	newer
	refused
)

// write is what is done with one record. Lua compares texts in the order of the
// locale, and so bytes are compared here.
var write = redis.NewScript(`
local record, places = KEYS[1], KEYS[2]
local order, server, difference, location, time, longitude, latitude, id, placed = unpack(ARGV)
local kind = redis.call('TYPE', record).ok
if kind ~= 'hash' and kind ~= 'none' then return 2 end
local had = redis.call('HGET', record, 'order')
if had then
	local newer = #order - #had
	for i = 1, math.min(#order, #had) do
		local more = string.byte(order, i) - string.byte(had, i)
		if more ~= 0 then
			newer = more
			break
		end
	end
	if newer <= 0 then return 0 end
end
if placed == '1' then
	redis.call('GEOADD', places, longitude, latitude, id)
else
	redis.call('ZREM', places, id)
end
redis.call('HSET', record, 'order', order, 'server', server, 'difference', difference,
	'location', location, 'time', time, 'latitude', latitude, 'longitude', longitude)
return 1
`)

// Redis is a sink.Database. Open makes one.
type Redis struct {
	client *redis.Client
	prefix string // of the records' keys, before the client's id
	places string // the geo set's
}

// Open takes the address of a Redis, in which there is no password, and dials nobody
// yet. The records are of the named herd, beside those of others.
func Open(url, password, herd string) (*Redis, error) {
	logging.Disable() // what the client has to say of its connections, its errors say too
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("sink.url is no address of a Redis; write for example redis://127.0.0.1:6379/0: %w", err)
	}
	if password != "" {
		options.Password = password
	}
	options.PoolSize, options.MaxRetries = connections, -1
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = patience, patience, patience
	options.DialerRetries = 1
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &Redis{redis.NewClient(options), herd + ":at:", herd + ":places"}, nil
}

// Write is a sink.Database's.
func (r *Redis) Write(ctx context.Context, rows []sink.Row) (written sink.Written, err error) {
	results, life, err := r.writeAll(ctx, rows)
	if redis.HasErrorPrefix(err, "NOSCRIPT") { // a new Redis, or one that was told to forget
		if err = write.Load(ctx, r.client).Err(); err == nil {
			results, life, err = r.writeAll(ctx, rows)
		}
	}
	if err != nil {
		return sink.Written{}, fmt.Errorf("writing to Redis: %w", err)
	}
	written.Life = life
	for i, result := range results {
		switch n, _ := result.Int(); n {
		case newer:
			written.Newer++
			if !placed(&rows[i]) {
				written.Unplaced++
			}
		case refused:
			written.Refused++
			if written.Why == nil {
				written.Why = fmt.Errorf("%w: %q", errNotOurs, r.prefix+string(rows[i].ID))
			}
		}
	}
	return written, nil
}

var errNotOurs = errors.New("something else than a hash has the key")

// writeAll runs the script for each row, in one round trip, and asks which life of the
// Redis this is. The error is the first row's.
func (r *Redis) writeAll(ctx context.Context, rows []sink.Row) (results []*redis.Cmd, life string, err error) {
	pipe := r.client.Pipeline()
	for i := range rows {
		row := &rows[i]
		in := "0"
		if placed(row) {
			in = "1"
		}
		results = append(results, pipe.EvalSha(ctx, write.Hash(), []string{r.prefix + string(row.ID), r.places},
			row.Order, row.Server, row.Difference, row.Location, row.Time, number(row.Longitude), number(row.Latitude), row.ID, in))
	}
	info := pipe.Info(ctx, "server")
	_, err = pipe.Exec(ctx)
	for _, result := range results {
		if err := result.Err(); err != nil {
			return nil, "", err
		}
	}
	if err != nil && info.Err() == nil {
		return nil, "", err // it is of no command: there was no connection
	}
	// Where the user may not ask for the life, there is only one.
	_, life, _ = strings.Cut(info.Val(), "run_id:")
	life, _, _ = strings.Cut(life, "\r\n")
	return results, life, nil
}

// placed reports whether Redis has a place for a record.
func placed(row *sink.Row) bool { return math.Abs(row.Latitude) <= maxLatitude }

func number(degrees float64) string { return strconv.FormatFloat(degrees, 'g', -1, 64) }

// fields are those of an AT line, but for the client's id.
var fields = []string{"server", "difference", "location", "time"}

// Find is a sink.Database's.
func (r *Redis) Find(ctx context.Context, id []byte) (line []byte, err error) {
	values, err := r.client.HMGet(ctx, r.prefix+string(id), fields...).Result()
	switch {
	case redis.HasErrorPrefix(err, "WRONGTYPE"):
		return nil, nil // something else has the key: it is no record
	case err != nil:
		return nil, fmt.Errorf("asking Redis: %w", err)
	}
	return lineOf(id, values), nil
}

// lineOf is the AT line of a hash's fields; nil if they are not all there.
func lineOf(id []byte, values []any) []byte {
	var texts [4][]byte
	for i, value := range values {
		text, there := value.(string)
		if !there {
			return nil
		}
		texts[i] = []byte(text)
	}
	return sink.Line(texts[0], texts[1], id, texts[2], texts[3])
}

// page is how many keys are looked at for a page, about.
const page = 500

// Page is a sink.Database's. The keys of others in the same database are passed over,
// and cost time.
func (r *Redis) Page(ctx context.Context, from string) (lines []byte, next string, err error) {
	cursor := uint64(0)
	if from != "" {
		if cursor, err = strconv.ParseUint(from, 10, 64); err != nil {
			return nil, "", fmt.Errorf("reading the place of a page: %w", err)
		}
	}
	keys, cursor, err := r.client.ScanType(ctx, cursor, literally.Replace(r.prefix)+"*", page, "hash").Result()
	if err != nil {
		return nil, "", fmt.Errorf("reading from Redis: %w", err)
	}
	pipe := r.client.Pipeline()
	for _, key := range keys {
		pipe.HMGet(ctx, key, fields...)
	}
	found, err := pipe.Exec(ctx)
	if err != nil && len(keys) > 0 && !redis.HasErrorPrefix(err, "WRONGTYPE") { // one that has become something else has no fields
		return nil, "", fmt.Errorf("reading from Redis: %w", err)
	}
	for i, key := range keys {
		id := strings.TrimPrefix(key, r.prefix)
		if line := lineOf([]byte(id), found[i].(*redis.SliceCmd).Val()); len(line) > 0 {
			lines = append(append(lines, bytes.Clone(line)...), '\n')
		}
	}
	if cursor != 0 {
		next = strconv.FormatUint(cursor, 10)
	}
	return lines, next, nil
}

// literally escapes what SCAN takes for a pattern.
var literally = strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `\`, `\\`)

// Close is a sink.Database's.
func (r *Redis) Close() { _ = r.client.Close() } // whatever was under way has said how it ended
