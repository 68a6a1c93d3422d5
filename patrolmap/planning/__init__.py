"""Who goes where and when: travel, posts, stops, engine, beats and the scorecard."""
