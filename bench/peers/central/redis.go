package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// keep keeps a report unless a newer one is kept. Redis carries out a script as one
// command, and compares texts by their bytes where its locale is C.
var keep = redis.NewScript(`
local known = redis.call('HGET', KEYS[1], 'rank')
if known and known >= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'rank', ARGV[1], 'line', ARGV[2])
return 1`)

// onRedis keeps a client's report as a hash by its id.
type onRedis struct{ client *redis.Client }

func openRedis(ctx context.Context, address string, pool int) (store, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDatabase, err)
	}
	options.PoolSize, options.PipelinePoolSize = pool, pool
	s := &onRedis{redis.NewClient(options)}
	err = until(ctx, func(ctx context.Context) error { return keep.Load(ctx, s.client).Err() })
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *onRedis) put(ctx context.Context, reports []report) error {
	if len(reports) == 1 {
		return s.keep(ctx, s.client, &reports[0]).Err()
	}
	pipeline := s.client.Pipeline()
	for i := range reports {
		s.keep(ctx, pipeline, &reports[i])
	}
	_, err := pipeline.Exec(ctx)
	return err
}

// keep asks for a report to be kept: at once, or when the pipeline is carried out.
func (s *onRedis) keep(ctx context.Context, on redis.Scripter, r *report) *redis.Cmd {
	return keep.EvalSha(ctx, on, []string{string(r.id)}, r.rank, r.line)
}

func (s *onRedis) get(ctx context.Context, id []byte) ([]byte, error) {
	line, err := s.client.HGet(ctx, string(id), "line").Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	return line, err
}

func (s *onRedis) close() { _ = s.client.Close() }
