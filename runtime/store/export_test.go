package store

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// RedisNames returns how many names of values a Redis store lists.
func RedisNames(s Store) func(context.Context) int64 {
	r := s.(*redisStore)
	return func(ctx context.Context) int64 {
		return r.client.ZCard(ctx, r.space(redisValues)[1]).Val() + r.client.ZCard(ctx, r.space(redisValues)[2]).Val()
	}
}

// RedisDrop has the server end all connections of a store, and forget its scripts.
func RedisDrop(ctx context.Context, s Store) error {
	other := redis.NewClient(s.(*redisStore).client.Options())
	defer other.Close()
	if err := other.ScriptFlush(ctx).Err(); err != nil {
		return err
	}
	return other.ClientKillByFilter(ctx, "TYPE", "normal", "SKIPME", "yes").Err()
}
