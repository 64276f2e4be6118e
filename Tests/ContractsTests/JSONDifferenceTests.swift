import Contracts
import Foundations
import Testing

@Suite struct `The difference of two documents` {
    @Test func `names each place that changed, with old and new value`() {
        let old: JSON = ["a": 1, "b": ["c": [1, 2], "d": "x"], "gone": nil, "same": [["k": 1]], "a/b~": true]
        let new: JSON = ["a": 2, "b": ["c": [1, 3], "d": "x"], "new": ["deep": 1], "same": [["k": 1]], "a/b~": false]
        let found = JSONDifference.changes(from: old, to: new)
        #expect(found.map(\.path) == ["/a", "/a~1b~0", "/b/c", "/gone", "/new"])
        #expect(found.map(\.old) == [1, true, [1, 2], .null, nil])
        #expect(found.map(\.new) == [2, false, [1, 3], nil, ["deep": 1]])
        #expect(found[4].json == ["path": "/new", "new": ["deep": 1]])
        #expect(found[3].json == ["path": "/gone", "old": nil])
    }

    @Test func `is empty for documents of one canonical text, and whole where one is no object`() {
        #expect(JSONDifference.changes(from: ["a": 10.0, "b": 1], to: ["b": 1, "a": 10]) == [])
        let whole = JSONDifference.changes(from: 1, to: [:])
        #expect(whole.map(\.json) == [["path": "", "old": 1, "new": [:]]])
        #expect(JSONDifference.changes(from: [:], to: [:]) == [])
    }
}
