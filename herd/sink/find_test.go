package sink_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"proxyherd/herd/sink"
	"proxyherd/herd/sink/sinktest"
)

func TestFind(t *testing.T) {
	in(t, settings, func(t *testing.T, s *stand) {
		s.report(line("k", 1))
		s.start()
		ask := func(id string) (string, error) {
			found, err := s.sink.Find(t.Context(), []byte(id))
			return string(found) + "\n", err
		}
		if found, err := ask("k"); found != line("k", 1) || err != nil {
			t.Errorf("%q, %v", found, err)
		}
		if found, err := ask("l"); found != "\n" || err != nil {
			t.Errorf("%q, %v", found, err)
		}
		// Who has gone is no failure of the database's.
		gone, cancel := context.WithCancel(t.Context())
		s.db.Hang(true)
		time.AfterFunc(time.Second, cancel)
		if _, err := s.sink.Find(gone, []byte("k")); !errors.Is(err, context.Canceled) || s.sink.Status().Failures != 0 {
			t.Errorf("%v, %+v", err, s.sink.Status())
		}
		s.db.Hang(false)
		s.db.Down(true)
		if _, err := ask("k"); !errors.Is(err, sinktest.ErrDown) {
			t.Errorf("%v", err)
		}
		before := s.db.Asked()
		for range 100 { // ten seconds
			if _, err := ask("k"); err == nil {
				t.Error("it was found")
			}
			s.pass(100 * time.Millisecond)
		}
		if asked := s.db.Asked() - before; asked < 9 || asked > 11 {
			t.Errorf("a database that fails was asked %d times in ten seconds", asked)
		}
		if _, err := ask("k"); err == nil {
			t.Error("it was found")
		}
		if _, err := ask("k"); !errors.Is(err, sink.ErrResting) {
			t.Errorf("%v", err)
		}
		s.db.Down(false)
		s.pass(time.Second)
		if found, err := ask("k"); found != line("k", 1) || err != nil {
			t.Errorf("%q, %v", found, err)
		}
		if st := s.sink.Status(); st.Asked != 107 || st.Found != 2 || st.Unasked < 80 || st.Error != "" {
			t.Errorf("%+v", st)
		}
	})
}

// A question that has waited for a worker until its time was up has not reached the
// database, and says nothing of it.
func TestALateQuestionIsNoFailure(t *testing.T) {
	in(t, settings, func(t *testing.T, s *stand) {
		s.start()
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s.pass(2 * time.Second)
		if _, err := s.sink.Find(late, []byte("k")); !errors.Is(err, context.DeadlineExceeded) || s.sink.Status().Failures != 0 || s.db.Asked() != 0 {
			t.Errorf("%v, %+v", err, s.sink.Status())
		}
	})
}

// now is the n-th report of a client, made and received now.
func now(client string) string { return line(client, int(time.Now().Unix())) }

func TestAServerThatHasNothingLoads(t *testing.T) {
	for _, test := range []struct {
		name    string
		prepare func(s *stand)
		after   time.Duration
		want    int64
	}{
		{"with nobody there", func(*stand) {}, 11 * time.Second, 7},
		{"not before neighbours had their time", func(*stand) {}, 9 * time.Second, 0},
		{"while clients report", func(s *stand) { s.report(now("new")) }, 11 * time.Second, 8},
		{"not if it had records", func(s *stand) { s.report(line("old", 5)) }, 11 * time.Second, 0},
		{"not if it was given some", func(s *stand) { time.AfterFunc(5*time.Second, func() { s.report(line("old", 5)) }) }, 11 * time.Second, 0},
		{"once the database works", func(s *stand) {
			s.db.Down(true)
			time.AfterFunc(30*time.Second, func() { s.db.Down(false) })
		}, time.Minute, 7},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := settings
			o.Load = true
			in(t, o, func(t *testing.T, s *stand) {
				for n := range 7 {
					row, err := sink.NewRow([]byte(fmt.Sprintf("AT Hill +0.000000000 client%d +1+1 100", n)), future)
					if err != nil {
						t.Fatal(err)
					}
					if _, err := s.db.Write(t.Context(), []sink.Row{row}); err != nil {
						t.Fatal(err)
					}
				}
				s.report(now("client3")) // newer than what the database has
				test.prepare(s)
				s.start()
				s.pass(test.after)
				st := s.sink.Status()
				if st.Loaded != test.want {
					t.Errorf("%d records are loaded, want %d", st.Loaded, test.want)
				}
				if test.want == 0 {
					return
				}
				s.pass(15 * time.Second)
				s.isWhole("when all is loaded")
				if got := s.lines["client3"]; got == line("client3", 100) {
					t.Error("an old record has replaced a newer one")
				}
			})
		})
	}
}

// A herd that does not ask for it loads nothing.
func TestNobodyLoadsUnasked(t *testing.T) {
	in(t, settings, func(t *testing.T, s *stand) {
		row, err := sink.NewRow([]byte("AT Hill +0.000000000 k +1+1 100"), future)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.db.Write(t.Context(), []sink.Row{row}); err != nil {
			t.Fatal(err)
		}
		s.start()
		s.pass(time.Hour)
		if len(s.has()) != 0 {
			t.Errorf("it has %q", s.has())
		}
		synctest.Wait()
	})
}
