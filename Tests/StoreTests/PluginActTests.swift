import Contracts
import Databases
import Foundations
import Policy
import Testing

@testable import Store

@Suite struct `The record of acts on plugins` {
    private func act(_ kind: PluginAct.Kind, _ state: String, plugin: String? = "a.check") -> PluginAct {
        PluginAct(
            kind, target: plugin == nil ? .keys : .lock, plugin: plugin, version: "1.0.0",
            stateHash: SHA256.hash(state), details: ["why": "test"])
    }

    @Test func `says who did what, and is never changed`() throws {
        try withStore { store in
            let permit = try permit(.manageProviderRegistry)
            try store.record(act(.installed, "1"), role: .admin, permit: permit)
            try store.record(act(.disabled, "2"), role: .maintainer, permit: permit)
            try store.record(act(.trusted, "k", plugin: nil), role: .admin, permit: permit)
            let acts = try store.pluginActs(of: "a.check")
            #expect(acts.map { $0["act"] } == ["installed", "disabled"])
            #expect(acts.map { $0["role"] } == ["Admin", "Maintainer"])
            #expect(acts.allSatisfy { $0["actor"]?.stringValue == permit.actor && $0["details"]?["why"] == "test" })
            #expect(try store.pluginActs(of: nil).map { $0["act"] } == ["trusted"])
            for sql in ["UPDATE plugin_acts SET actor = 'x'", "DELETE FROM plugin_acts"] {
                #expect(throws: DatabaseError.self) { try store.connection.execute(sql, operation: "test") }
            }
        }
    }

    @Test func `needs the right to manage the registry`() throws {
        try withStore { store in
            let other = try permit(.approveDestructive)
            #expect(throws: SluiceError.self) {
                try store.record(act(.installed, "1"), role: .operator, permit: other)
            }
            let acts = try store.pluginActs(of: "a.check")
            #expect(acts == [])
        }
    }

    @Test func `notes what was recorded and never done, and what something else did`() throws {
        try withStore { store in
            let permit = try permit(.manageProviderRegistry)
            func reconcile(_ state: String) throws {
                let hash = state.isEmpty ? SHA256.hash([]) : SHA256.hash(state)
                try store.reconcile(.lock, state: hash, role: .admin, permit: permit)
            }
            func acts() throws -> [String] {
                try store.pluginActs(of: "a.check").map { $0["act"]?.stringValue ?? "" }
            }
            try reconcile("")
            #expect(try acts() == [])
            try store.record(act(.installed, "1"), role: .admin, permit: permit)
            try reconcile("1")
            #expect(try acts() == ["installed"])
            try store.record(act(.upgraded, "2"), role: .admin, permit: permit)
            try reconcile("1")
            #expect(try acts() == ["installed", "upgraded", "abandoned"])
            try reconcile("1")
            #expect(try acts().count == 3, "it is noted once")
            try reconcile("other")
            #expect(try acts().last == "found_changed")
        }
    }
}
