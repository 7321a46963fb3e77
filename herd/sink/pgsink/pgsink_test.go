package pgsink

import (
	"strings"
	"testing"

	"proxyherd/herd"
	"proxyherd/herd/sink"
	"proxyherd/herd/sink/sinktest"
)

func TestPostgresKeepsTheContract(t *testing.T) {
	server := sinktest.Start(t, herd.SinkPostgres)
	sinktest.Contract(t, 90, func(name string) sink.Database { return open(t, server, name) })
}

func open(t *testing.T, server *sinktest.Server, name string) *Postgres {
	t.Helper()
	db, err := Open(server.URL, "", name)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// What stands in PostgreSQL is what this package's comment says, for others to read; and
// a table that is gone is made anew.
func TestWhatOthersFindInPostgres(t *testing.T) {
	db := open(t, sinktest.Start(t, herd.SinkPostgres), "herd")
	defer db.Close()
	ctx := t.Context()
	row, err := sink.NewRow([]byte("AT Hill +0.500000000 kiwi +34.068930-118.445127 1479413884.392014450"), 0)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		written, err := db.Write(ctx, []sink.Row{row})
		if err != nil || written.Newer != 1 || written.Life == "" {
			t.Fatalf("round %d: %+v, %v", round, written, err)
		}
		var server, difference, location, time string
		var latitude, longitude float64
		err = db.pool.QueryRow(ctx, `SELECT convert_from(server, 'UTF8'), difference, location, time, latitude, longitude
			FROM herd_records WHERE herd = 'herd' AND id = 'kiwi'`).Scan(&server, &difference, &location, &time, &latitude, &longitude)
		if err != nil || server != "Hill" || difference != "+0.500000000" || location != "+34.068930-118.445127" ||
			time != "1479413884.392014450" || latitude != 34.068930 || longitude != -118.445127 {
			t.Errorf("round %d: it has %s %s %s %s %v %v, %v", round, server, difference, location, time, latitude, longitude, err)
		}
		if _, err := db.pool.Exec(ctx, "DROP TABLE herd_records"); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Write(ctx, []sink.Row{row}); err == nil {
			t.Error("there is no table, and it was written")
		}
	}
}

func TestAnAddressThatIsNone(t *testing.T) {
	for _, url := range []string{"postgres://127.0.0.1:port/", "postgres://127.0.0.1/?sslmode=maybe"} {
		if _, err := Open(url, "hidden", "herd"); err == nil || !strings.Contains(err.Error(), "postgres://user@127.0.0.1:5432/database") || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
