package redissink

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"proxyherd/herd"
	"proxyherd/herd/sink"
	"proxyherd/herd/sink/sinktest"
)

func TestRedisKeepsTheContract(t *testing.T) {
	server := sinktest.Start(t, herd.SinkRedis)
	sinktest.Contract(t, maxLatitude, func(name string) sink.Database { return open(t, server, name) })
}

func open(t *testing.T, server *sinktest.Server, name string) *Redis {
	t.Helper()
	db, err := Open(server.URL, "", name)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// row is the row of an AT line.
func row(t *testing.T, line string) sink.Row {
	t.Helper()
	row, err := sink.NewRow([]byte(line), 0)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// What stands in Redis is what this package's comment says, for others to read.
func TestWhatOthersFindInRedis(t *testing.T) {
	db := open(t, sinktest.Start(t, herd.SinkRedis), "herd")
	defer db.Close()
	ctx := t.Context()
	for _, line := range []string{"AT Hill +0.500000000 kiwi +34.068930-118.445127 1479413884.392014450", "AT Hill +0.000000000 bear +89.5+10 1", "AT Hill +0.000000000 seal +60+10 1"} {
		if _, err := db.Write(ctx, []sink.Row{row(t, line)}); err != nil {
			t.Fatal(err)
		}
	}
	kiwi := db.client.HGetAll(ctx, "herd:at:kiwi").Val()
	delete(kiwi, "order")
	if want := map[string]string{
		"server": "Hill", "difference": "+0.500000000", "location": "+34.068930-118.445127", "time": "1479413884.392014450",
		"latitude": "34.06893", "longitude": "-118.445127",
	}; !maps.Equal(kiwi, want) {
		t.Errorf("it has %q, want %q", kiwi, want)
	}
	near := func(latitude, longitude float64) []string {
		return db.client.GeoSearch(ctx, "herd:places", &redis.GeoSearchQuery{Latitude: latitude, Longitude: longitude, Radius: 50, RadiusUnit: "km"}).Val()
	}
	if got := near(34, -118.4); !slices.Equal(got, []string{"kiwi"}) {
		t.Errorf("near Los Angeles are %q", got)
	}
	// Who goes where there is no place is not left behind where it was.
	if _, err := db.Write(ctx, []sink.Row{row(t, "AT Hill +0.000000000 seal +89+10 2")}); err != nil {
		t.Fatal(err)
	}
	if got := near(60, 10); len(got) != 0 {
		t.Errorf("near Oslo are %q", got)
	}
	if n := db.client.ZCard(ctx, "herd:places").Val(); n != 1 {
		t.Errorf("there are %d places, want 1", n)
	}
}

// A Redis that forgets its scripts is told again, and one key that is somebody else's
// keeps nobody from being written.
func TestRedisIsToldItsScriptAgain(t *testing.T) {
	db := open(t, sinktest.Start(t, herd.SinkRedis), "herd")
	defer db.Close()
	ctx := t.Context()
	if err := db.client.Set(ctx, "herd:at:taken", "something else", 0).Err(); err != nil {
		t.Fatal(err)
	}
	lives := map[string]bool{}
	for i := range 3 {
		if err := db.client.ScriptFlush(ctx).Err(); err != nil {
			t.Fatal(err)
		}
		written, err := db.Write(ctx, []sink.Row{row(t, fmt.Sprint("AT Hill +0.000000000 taken +1+1 ", i)), row(t, fmt.Sprint("AT Hill +0.000000000 k +1+1 ", i))})
		if err != nil || written.Newer != 1 || written.Refused != 1 || !errors.Is(written.Why, errNotOurs) {
			t.Errorf("%+v, %v", written, err)
		}
		lives[written.Life] = true
	}
	if len(lives) != 1 || lives[""] {
		t.Errorf("its lives are %v", lives)
	}
	if line, err := db.Find(ctx, []byte("taken")); line != nil || err != nil {
		t.Errorf("somebody else's key is %q, %v", line, err)
	}
}

func TestAnAddressThatIsNone(t *testing.T) {
	for _, url := range []string{"redis://127.0.0.1/first", "redis://127.0.0.1:port/"} {
		if _, err := Open(url, "hidden", "herd"); err == nil || !strings.Contains(err.Error(), "redis://127.0.0.1:6379/0") || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// A password is used, and stands in no error.
func TestAPasswordIsUsed(t *testing.T) {
	server := sinktest.Start(t, herd.SinkRedis)
	first := open(t, server, "herd")
	defer first.Close()
	if err := first.client.ConfigSet(t.Context(), "requirepass", "right").Err(); err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{"right": true, "wrong": false, "": false} {
		db, err := Open(server.URL, password, "herd")
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Write(t.Context(), []sink.Row{row(t, "AT Hill +0.000000000 k +1+1 1")})
		if (err == nil) != want || err != nil && strings.Contains(err.Error(), "wrong ") {
			t.Errorf("with %q: %v", password, err)
		}
		db.Close()
	}
}
