// The console guard: anything that went wrong on a page, and that the test did not declare, fails the test.
import type { BrowserContext } from '@playwright/test';

export class Guard {
  private readonly faults: string[] = [];
  private outage = false;
  private readonly declared = new Set<number>();

  /** The test expects answers with these statuses. */
  expects(...statuses: number[]): void {
    for (const status of statuses) this.declared.add(status);
  }

  /** The test takes the server away: what cannot be reached meanwhile is no fault. */
  expectsOutage(): void {
    this.outage = true;
  }

  watch(context: BrowserContext, scripts: boolean): void {
    context.on('console', (message) => {
      if (message.type() !== 'error') return;
      // Chromium repeats a failed answer on the console; `response` below judges it.
      if (message.text().startsWith('Failed to load resource: the server responded with a status of')) return;
      if (this.outage && message.text().includes('net::ERR_')) return;
      this.faults.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.faults.push(`page error: ${error.error().stack ?? error.error()}`));
    context.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? '';
      // A page that is left takes its open requests with it; a download ends its navigation.
      if (why === 'net::ERR_ABORTED') return;
      if (this.outage && why.startsWith('net::ERR_')) return;
      // Without scripts the browser itself refuses to preload them.
      if (!scripts && request.resourceType() === 'script') return;
      this.faults.push(`request failed: ${request.method()} ${request.url()}: ${why}`);
    });
    context.on('response', (response) => {
      const status = response.status();
      if (status >= 400 && !this.declared.has(status)) {
        this.faults.push(`status ${status}: ${response.request().method()} ${response.url()}`);
      }
    });
  }

  /** Everything that was not expected. */
  found(): string[] {
    return this.faults;
  }
}
