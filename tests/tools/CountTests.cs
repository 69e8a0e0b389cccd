using PwshHost.Tests.Hosting;

namespace PwshHost.Tests;

/// <summary>What <c>build.ps1 test</c> counts: a failure that is not counted would be a green light for a defect.</summary>
public sealed class CountTests : IDisposable
{
    private const string Show = "\"$($c.Passed) $($c.Failed) [$($c.Skipped)]\"; $c.Failures | ForEach-Object { \"- $($_[0])\" }";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Results_of_several_programs_add_up() => AssertCargo(
        """
             Running unittests src/lib.rs (target/debug/deps/mgprint-1)
        running 2 tests
        test plan::fits ... ok
        test plan::covers ... ok
        test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.09s
             Running tests/upload.rs (target/debug/deps/upload-1)
        test needs_a_tape_drive ... ignored, no tape drive
        test result: ok. 40 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 3.49s
           Doc-tests mgprint
        test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
        """,
        "42 0 [needs_a_tape_drive]\n");

    [Fact]
    public Task A_failed_test_is_counted_once_and_named() => AssertCargo(
        """
             Running tests/upload.rs (target/debug/deps/upload-1)
        test arrives ... FAILED
        test is_sent ... ok

        failures:

        ---- arrives stdout ----
        assertion `left == right` failed: one is not two

        failures:
            arrives

        test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
        error: test failed, to rerun pass `--test upload`
        """,
        "1 1 []\n- arrives\n");

    [Fact]
    public Task A_program_that_crashes_is_a_failure_though_it_tells_no_result() => AssertCargo(
        """
             Running tests/abi.rs (target/debug/deps/abi-1)
        test fine ... ok
        error: test failed, to rerun pass `--test abi`
        Caused by:
          process didn't exit successfully: `target/debug/deps/abi-1` (signal: 11, SIGSEGV: invalid memory reference)
             Running tests/upload.rs (target/debug/deps/upload-1)
        test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
        """,
        "3 1 []\n- A test program ended without a result: `target/debug/deps/abi-1` (signal: 11, SIGSEGV: invalid memory reference)\n");

    [Fact]
    public async Task Every_outcome_of_a_trx_file_but_passed_and_skipped_is_a_failure()
    {
        var file = _folder.Write(
            "tests.trx",
            """
            <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
              <UnitTestResult testName="T.Fine" outcome="Passed" />
              <UnitTestResult testName="T.Left_out" outcome="NotExecuted" />
              <UnitTestResult testName="T.Fails" outcome="Failed"><Output><ErrorInfo><Message>Expected: 1</Message></ErrorInfo></Output></UnitTestResult>
              <UnitTestResult testName="T.Hangs" outcome="Timeout" />
            </Results></TestRun>
            """);

        await AssertCount($"Read-Trx '{file}'", "1 2 [T.Left_out]\n- T.Fails\n- T.Hangs\n");
    }

    private Task AssertCargo(string log, string expected) =>
        AssertCount($"Read-CargoTests ([IO.File]::ReadAllLines('{_folder.Write("cargo.log", log)}'))", expected);

    private static async Task AssertCount(string read, string expected)
    {
        var counts = Path.Combine(Repository.Root, "tools", "build", "counts.ps1");
        var outcome = await Pwsh.Run("-Command", $"$ErrorActionPreference = 'Stop'; . '{counts}'; $c = {read}; {Show}");

        Assert.Equal("", outcome.Error);
        Assert.Equal(expected, outcome.Output.ReplaceLineEndings("\n"));
    }
}
