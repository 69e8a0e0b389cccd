using System.Diagnostics;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>When the engine's library is loaded, from where, and what is said when it cannot be.</summary>
public sealed class EngineLibraryTests : IDisposable
{
    private const string Call =
        "$ErrorActionPreference = 'SilentlyContinue'; New-MgPrintUploadSession -PrinterId p -PrintJobId j -PrintDocumentId d; "
        + "$Error[0].FullyQualifiedErrorId; $Error[0].CategoryInfo.Category; $Error[0].Exception.Message";

    private readonly string _folder = Directory.CreateTempSubdirectory("mgprint-module-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_is_loaded_at_the_first_call_and_not_at_import_or_WhatIf()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        const string IsLoaded = "[IO.File]::ReadAllText('/proc/self/maps').Contains('libmgprint')";

        string[] lines = await PwshProcess.RunAsync(
            $"Import-Module {Repository.Quoted(Repository.ModuleManifest)}; {IsLoaded}; $null = New-MgPrintUploadSession -PrinterId p -PrintJobId j -PrintDocumentId d -WhatIf; {IsLoaded}; "
            + $"New-MgPrintUploadSession -PrinterId p -PrintJobId j -PrintDocumentId d -ErrorAction SilentlyContinue; {IsLoaded}",
            ("MGPRINT_ACCESS_TOKEN", ""));

        Assert.Equal(["False", "False", "True"], lines.Where(line => line is "True" or "False"));
    }

    [Fact]
    public async Task A_missing_platform_is_one_error_that_names_it_and_the_file()
    {
        string manifest = CopyModuleWithoutEngine();

        string[] lines = await PwshProcess.RunAsync($"Import-Module {Repository.Quoted(manifest)}; {Call}");

        Assert.Equal("EngineNotFound,Microsoft.Graph.PowerShell.Cmdlets.NewMgPrintUploadSession", lines[0]);
        Assert.Equal("NotInstalled", lines[1]);
        Assert.Matches(@"^This module has no engine for \w+(-musl)?-\w+: the file '.+mgprint\.(so|dll|dylib)' does not exist\.", lines[2]);
        Assert.Contains(_folder, lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Out-MgPrinter -Content 1 -DocumentName a.pdf -Share s", "OutMgPrinter")]
    [InlineData("Send-MgPrintDocument -Content 1 -DocumentName a.pdf -PrinterId p -PrintJobId j -PrintDocumentId d", "SendMgPrintDocument")]
    [InlineData("Get-MgPrintUploadSession https://h/u?t=1", "GetMgPrintUploadSession")]
    public async Task It_is_the_same_error_where_the_token_is_the_first_to_need_the_engine(string command, string cmdlet)
    {
        string manifest = CopyModuleWithoutEngine();

        string[] lines = await PwshProcess.RunAsync(
            $"$ErrorActionPreference = 'SilentlyContinue'; Import-Module {Repository.Quoted(manifest)}; {command}; $Error[0].FullyQualifiedErrorId",
            ("MGPRINT_ACCESS_TOKEN", "token"));

        Assert.Equal([$"EngineNotFound,MgPrint.PowerShell.Cmdlets.{cmdlet}"], lines);
    }

    [Fact]
    public async Task A_file_that_is_no_library_is_one_error_that_names_it()
    {
        string manifest = CopyModuleWithoutEngine();
        string platform = EngineFolder();
        Directory.CreateDirectory(Path.Combine(_folder, platform));
        await File.WriteAllTextAsync(Path.Combine(_folder, platform, EngineFile()), "not a library");

        string[] lines = await PwshProcess.RunAsync($"Import-Module {Repository.Quoted(manifest)}; {Call}");

        Assert.StartsWith("EngineNotLoadable,", lines[0], StringComparison.Ordinal);
        Assert.Contains(EngineFile(), lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_of_another_interface_is_refused()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        string manifest = CopyModuleWithoutEngine();
        string platform = Path.Combine(_folder, EngineFolder());
        Directory.CreateDirectory(platform);
        string source = Path.Combine(_folder, "other.c");
        await File.WriteAllTextAsync(source, "unsigned mgprint_abi_version(void) { return 99; }");
        using (Process compiler = Process.Start("cc", ["-shared", "-o", Path.Combine(platform, EngineFile()), source]))
        {
            await compiler.WaitForExitAsync();
            Assert.Equal(0, compiler.ExitCode);
        }

        string[] lines = await PwshProcess.RunAsync($"Import-Module {Repository.Quoted(manifest)}; {Call}");

        Assert.StartsWith("EngineVersionMismatch,", lines[0], StringComparison.Ordinal);
        Assert.Contains("version 99", lines[2], StringComparison.Ordinal);
    }

    private string CopyModuleWithoutEngine()
    {
        string module = Path.GetDirectoryName(Repository.ModuleManifest)!;
        foreach (string file in Directory.EnumerateFiles(module))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        return Path.Combine(_folder, Path.GetFileName(Repository.ModuleManifest));
    }

    /// <summary>The platform folder that the build made for this machine.</summary>
    private static string EngineFolder() =>
        Path.GetFileName(Directory.EnumerateDirectories(Path.GetDirectoryName(Repository.ModuleManifest)!)
            .Single(folder => File.Exists(Path.Combine(folder, EngineFile()))));

    private static string EngineFile() =>
        OperatingSystem.IsWindows() ? "mgprint.dll" : OperatingSystem.IsMacOS() ? "libmgprint.dylib" : "libmgprint.so";
}
