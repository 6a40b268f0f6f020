package store

import "context"

// RedisNames returns how many names of values a Redis store lists.
func RedisNames(s Store) func(context.Context) int64 {
	r := s.(*redisStore)
	return func(ctx context.Context) int64 {
		return r.client.ZCard(ctx, r.space(redisValues)[1]).Val() + r.client.ZCard(ctx, r.space(redisValues)[2]).Val()
	}
}
