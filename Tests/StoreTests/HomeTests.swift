import Contracts
import Foundations
import Glibc
import Testing

@testable import Store

@Suite struct HomeTests {
    @Test func `the option goes before the variable, and that before the user's folder`() throws {
        let both = ["SLUICE_HOME": "/s", "HOME": "/u"]
        #expect(try Home.path(option: "/o", environment: both) == "/o")
        #expect(try Home.path(option: nil, environment: both) == "/s")
        #expect(try Home.path(option: nil, environment: ["SLUICE_HOME": "", "HOME": "/u"]) == "/u/.sluice")
        expectFailure("usage") { try Home.path(option: nil, environment: [:]) }
        expectFailure("usage") { try Home.path(option: "", environment: both) }
    }

    @Test func `everything in a home is for its owner alone`() throws {
        try withStore { store in
            _ = try store.makeRun()
            let home = store.home
            let hash = try store.artifacts.put(makeArtifact(.catalog, ["a": 1]))
            #expect(home.ownedByCaller)
            for folder in [home.path, home.artifactsFolder, home.keysFolder, home.locksFolder] {
                #expect(permissions(folder) == 0o700, "\(folder)")
            }
            let files = [
                home.masterKeyPath, home.databasePath, home.databasePath + "-wal", home.databasePath + "-shm",
                home.setupLock, store.artifacts.path(hash),
            ]
            for file in files { #expect(permissions(file) == 0o600, "\(file)") }
        }
    }

    @Test func `the master key is made once and stays`() throws {
        try withFolder { folder in
            let first = try Home(path: folder, context: .system).masterKey()
            let second = try Home(path: folder, context: .system).masterKey()
            #expect(first.count == 32 && first == second)
        }
    }

    @Test func `threads that make one home at once agree on its key`() throws {
        try withFolder { folder in
            let keys = try inThreads(8) { _ in try Home(path: folder + "/h", context: .system).masterKey() }
            #expect(Set(keys).count == 1 && keys.count == 8)
        }
    }

    @Test(arguments: ["", "zz", String(repeating: "ab", count: 31), String(repeating: "ab", count: 33)])
    func `a malformed master key is an error and is never replaced`(text: String) throws {
        try withFolder { folder in
            let home = try Home(path: folder, context: .system)
            try Files.writeAtomically(Array(text.utf8), to: home.masterKeyPath)
            expectFailure("file.failed", "Restore keys/master.key") {
                try Home(path: folder, context: .system).masterKey()
            }
            #expect(try Files.read(home.masterKeyPath) == Array(text.utf8))
            expectFailure("file.failed") { try StoreDatabase(home: home, context: .system) }
        }
    }

    @Test func `a key that others may read, that is gone or that is another home's is refused`() throws {
        try withStore { store in
            let home = store.home
            chmod(home.masterKeyPath, 0o640)
            expectFailure("file.failed", "Other users may read") { try home.masterKey() }
            try Files.writeAtomically(Array(String(repeating: "ab", count: 32).utf8), to: home.masterKeyPath)
            expectFailure("store.failed", "Restore keys/master.key") { try StoreDatabase(home: home, context: .system) }
            unlink(home.masterKeyPath)
            expectFailure("file.failed", "Restore keys/master.key") { try Home(path: home.path, context: .system) }
            #expect(!Files.exists(home.masterKeyPath))
        }
    }

    @Test func `a home that is a file or somebody else's is refused`() throws {
        try withFolder { folder in
            let file = folder + "/file"
            try Files.writeAtomically([], to: file)
            expectFailure("file.failed", "not a folder") { try Home(path: file, context: .system) }
            expectFailure("file.failed", "belongs to user") {
                try Home(path: folder, context: .system, caller: geteuid() + 1)
            }
        }
    }

    @Test(arguments: [0o777, 0o755, 0o750, 0o701, 0o710] as [mode_t])
    func `a home or a folder of keys that others may enter is refused`(mode: mode_t) throws {
        try withFolder { folder in
            #expect(chmod(folder, mode) == 0)
            expectFailure("file.failed", "chmod 700 \(folder)") { try Home(path: folder, context: .system) }
            #expect(try Files.list(folder) == [])
            #expect(chmod(folder, 0o700) == 0)
            let home = try Home(path: folder, context: .system)
            #expect(chmod(home.keysFolder, mode) == 0)
            expectFailure("file.failed", "chmod 700 \(home.keysFolder)") { try Home(path: folder, context: .system) }
        }
    }

    @Test func `a folder of keys that is a link is refused`() throws {
        try withFolder { folder in
            let elsewhere = folder + "/elsewhere"
            let path = folder + "/home"
            for made in [elsewhere, path] { try Files.makeFolder(made) }
            #expect(symlink(elsewhere, path + "/keys") == 0)
            expectFailure("file.failed", "not a folder") { try Home(path: path, context: .system) }
            #expect(try Files.list(elsewhere) == [])
        }
    }

    @Test func `a master key that is a link, no file or somebody else's is refused`() throws {
        try withFolder { folder in
            let home = try Home(path: folder, context: .system)
            let other = folder + "/other"
            try Files.writeAtomically(Array(String(repeating: "ab", count: 32).utf8), to: other)
            unlink(home.masterKeyPath)
            #expect(symlink(other, home.masterKeyPath) == 0)
            expectFailure("file.failed", "is a link") { try home.masterKey() }
            unlink(home.masterKeyPath)
            #expect(mkfifo(home.masterKeyPath, 0o600) == 0)
            expectFailure("file.failed", "not a regular file") { try home.masterKey() }
            unlink(home.masterKeyPath)
            #expect(rename(other, home.masterKeyPath) == 0)
            #expect(try home.masterKey().count == 32)
            // Only root can give a file away.
            if geteuid() == 0 {
                #expect(chown(home.masterKeyPath, 12345, 12345) == 0)
                expectFailure("file.failed", "belongs to user 12345") { try home.masterKey() }
            }
        }
    }
}
